// The links of a message that may have a preview. Not those in code, which are examples, nor those in ||spoilers||, which
// are to be hidden. Pure, and in time that grows with the text alone.

/** How many of a message's links get a preview. */
const linksMax = 3;
/** Of a link as browsers write it. */
export const linkLengthMax = 2048;

/** The first links with different addresses, each as browsers write it. */
export const linksOf = (content: string): string[] => {
  if (!/https?:\/\//i.test(content)) return [];
  const links = new Set<string>();
  for (const [found] of shownIn(content).matchAll(/\bhttps?:\/\/[^\s<>"`|\\]+/gi)) {
    const href = addressOf(withoutEnd(found));
    if (href) links.add(href);
    if (links.size === linksMax) break;
  }
  return [...links];
};

/** A name or a password in an address is for nobody else. */
const addressOf = (text: string): string | null => {
  if (text.length > linkLengthMax || !URL.canParse(text)) return null;
  const { href, username, password } = new URL(text);
  return username === '' && password === '' && href.length <= linkLengthMax ? href : null;
};

const closers: Record<string, string> = { ')': '(', ']': '[', '}': '{' };

/** Without what belongs to the sentence around it: marks at its end, and brackets that it has not opened. */
const withoutEnd = (text: string): string => {
  let end = text.length;
  const open = new Map<string, number>();
  for (const sign of text) open.set(sign, (open.get(sign) ?? 0) + 1);
  for (; end > 0; end -= 1) {
    const last = text.charAt(end - 1);
    const opener = closers[last];
    if (opener !== undefined && (open.get(last) ?? 0) > (open.get(opener) ?? 0))
      open.set(last, (open.get(last) ?? 0) - 1);
    else if (!/[.,:;!?'*_~…]/.test(last)) break;
  }
  // In [words](address "title") and the like the address ends where its bracket does.
  const inner = text.slice(0, end);
  const close = inner.indexOf(')');
  return close >= 0 && !inner.slice(0, close).includes('(') ? inner.slice(0, close) : inner;
};

/** What is neither code nor hidden. */
const shownIn = (content: string): string => withoutSpoilers(withoutInlineCode(withoutFences(content)));

const withoutFences = (content: string): string => {
  if (!content.includes('```') && !content.includes('~~~')) return content;
  let fence: string | null = null;
  const lines: string[] = [];
  for (const line of content.split('\n')) {
    const mark = /^[ >]*(`{3,}|~{3,})/.exec(line)?.[1] ?? null;
    if (fence === null && mark === null) lines.push(line);
    else if (fence === null) fence = mark;
    else if (mark?.startsWith(fence)) fence = null;
  }
  return lines.join('\n');
};

/** As many backticks close as have opened. */
const withoutInlineCode = (content: string): string => {
  if (!content.includes('`')) return content;
  const runs = [...content.matchAll(/`+/g)].map((run) => ({ at: run.index, length: run[0].length }));
  /** By length, the places of runs, last first. */
  const ahead = new Map<number, number[]>();
  for (const { at, length } of runs.toReversed()) {
    const same = ahead.get(length);
    if (same) same.push(at);
    else ahead.set(length, [at]);
  }
  let shown = '';
  let from = 0;
  for (const { at, length } of runs) {
    const same = ahead.get(length);
    if (same?.at(-1) === at) same.pop();
    if (at < from) continue;
    const close = same?.at(-1);
    if (close === undefined) continue;
    shown += `${content.slice(from, at)} `;
    from = close + length;
  }
  return shown + content.slice(from);
};

const withoutSpoilers = (content: string): string => {
  const parts = content.split('||');
  // Every second one stands between two marks, but for the last when its mark has no other.
  return parts.filter((_, index) => index % 2 === 0 || index === parts.length - 1).join(' ');
};
