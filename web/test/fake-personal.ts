// What one person keeps for themselves, as the server does it: one rev for all of it, and a write that says what it was
// made from is refused when the item is another by now.
import type { PersonalChanges, PersonalItem, PersonalKind, PersonalValue } from '../../schemas/personal.ts';

export class FakePersonal {
  readonly #items = new Map<string, PersonalItem>();
  #rev = 0;

  changes(since: number): PersonalChanges {
    const isWhole = since === 0 || since > this.#rev;
    const items = [...this.#items.values()]
      .filter(({ rev, value }) => (isWhole ? value !== null : rev > since))
      .sort((a, b) => a.rev - b.rev);
    return { items, nextCursor: null, isWhole, rev: this.#rev };
  }

  put(
    kind: PersonalKind,
    key: string,
    value: PersonalValue | null,
    base: number | null,
  ): { item: PersonalItem; isChanged: boolean } | 'conflict' {
    const id = `${kind} ${key}`;
    const known = this.#items.get(id) ?? {
      kind,
      key,
      value: null,
      rev: 0,
      updatedAt: new Date().toISOString(),
    };
    if (JSON.stringify(known.value) === JSON.stringify(value))
      return { item: known as PersonalItem, isChanged: false };
    if (base !== null && base !== known.rev) return 'conflict';
    this.#rev += 1;
    const item = { kind, key, value, rev: this.#rev, updatedAt: new Date().toISOString() } as PersonalItem;
    this.#items.set(id, item);
    return { item, isChanged: true };
  }
}
