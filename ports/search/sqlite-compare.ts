// Finds what may differ between two embedded indexes: rows side by side, and the words by a sum for each, so that only
// where a sum differs is it looked who is why. What is found here is looked at once more, message by message.
import type { Ask, Suspect } from './sqlite-look.ts';

/** Rows, and different words, in one statement: others wait for the same thread. */
const pageRows = 5_000;
const pageTerms = 500;
const afterEveryTerm = '\u{10FFFF}';

export type Sides = { live: string; copy: string };

export const suspectsIn = async function* (
  ask: Ask,
  { live, copy }: Sides,
  onRows: (rows: number) => void,
): AsyncGenerator<Suspect[]> {
  yield* rowsApart(ask, copy, live, onRows);
  yield* rowsApart(ask, live, copy, () => {});
  yield* termsApart(ask, { live, copy });
};

const documents = (ids: string[]): Suspect[] => ids.map((id) => ({ table: 'documents', key: [id] }));

/** Rows of one that are otherwise in the other, or not there. */
const rowsApart = async function* (
  ask: Ask,
  one: string,
  other: string,
  onRows: (rows: number) => void,
): AsyncGenerator<Suspect[]> {
  for (let after = Number.MIN_SAFE_INTEGER; ; ) {
    const [page] = await ask<{ rows: number; last: number; apart: string | null }>(
      `SELECT count(*) AS rows, max(place) AS last, json_group_array(id) FILTER (WHERE apart) AS apart FROM (
        SELECT a.place, a.id, (a.place, a.rev, a.conversation_id, a.position, a.removed)
          IS NOT (b.place, b.rev, b.conversation_id, b.position, b.removed) AS apart
        FROM documents${one} a LEFT JOIN documents${other} b ON b.id = a.id
        WHERE a.place > ? ORDER BY a.place LIMIT ${pageRows})`,
      [after],
    );
    if (!page || page.rows === 0) return;
    onRows(page.rows);
    yield documents(JSON.parse(page.apart ?? '[]') as string[]);
    after = page.last;
  }
};

/**
 * Of a word in a place of a message, spread widely: sums of different sets of them are nearly never equal. As text, because
 * it is beyond what a JavaScript number holds.
 */
const prime = 2_147_483_647;
const sum = `CAST(sum((doc % ${prime}) * (((offset * 128 + unicode(substr(col, 2))) * 40503) % ${prime} + 1) % ${prime}) AS TEXT)`;

type Sum = { term: string; sum: string };

const sumsFrom = (ask: Ask, suffix: string, after: string): Promise<Sum[]> =>
  ask<Sum>(
    `SELECT term, count(*) || ' ' || ${sum} AS sum FROM instances${suffix}
      WHERE term > ? GROUP BY term ORDER BY term LIMIT ${pageTerms}`,
    [after],
  );

/** As SQLite orders them. */
const compareTerms = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

const termsApart = async function* (ask: Ask, { live, copy }: Sides): AsyncGenerator<Suspect[]> {
  for (let after = ''; ; ) {
    const [left, right] = [await sumsFrom(ask, live, after), await sumsFrom(ask, copy, after)];
    // Only as far as both pages reach: what lies behind comes with the next.
    const full = [left, right].filter((page) => page.length === pageTerms);
    const [end] = full.map((page) => page.at(-1)?.term as string).sort(compareTerms);
    const within = ({ term }: Sum): boolean => end === undefined || compareTerms(term, end) <= 0;
    const sums = new Map(left.filter(within).map(({ term, sum: of }) => [term, of]));
    const apart = right.filter(within).flatMap(({ term, sum: of }) => {
      const same = sums.get(term) === of;
      sums.delete(term);
      return same ? [] : [term];
    });
    apart.push(...sums.keys());
    if (apart.length > 0) {
      const span = { after, until: end ?? afterEveryTerm, terms: JSON.stringify(apart) };
      yield* whoHas(ask, live, copy, span);
      yield* whoHas(ask, copy, live, span);
    }
    if (end === undefined) return;
    after = end;
  }
};

type Span = { after: string; until: string; terms: string };

/** Messages of one that have one of these words where the other has not. */
const whoHas = async function* (
  ask: Ask,
  one: string,
  other: string,
  { after, until, terms }: Span,
): AsyncGenerator<Suspect[]> {
  const having = (suffix: string) =>
    `SELECT term, doc, col, offset FROM instances${suffix}
      WHERE term > ? AND term <= ? AND term IN (SELECT value FROM json_each(?))`;
  const rows = await ask<{ place: number; id: string | null }>(
    `SELECT DISTINCT doc AS place, d.id FROM (${having(one)} EXCEPT ${having(other)})
      LEFT JOIN documents${one} d ON d.place = doc`,
    [after, until, terms, after, until, terms],
  );
  yield rows.map(
    ({ place, id }): Suspect =>
      id === null ? { table: 'words', key: [place] } : { table: 'documents', key: [id] },
  );
};
