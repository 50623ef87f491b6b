// What is being typed that could be completed: a person after `@`, an emoji after `:`. Pure.
import { fold } from '../../../schemas/search-text.ts';
import type { User } from './protocol.ts';

/** `start` to `end`: what a choice replaces, its sign included. */
export type Asked = { kind: 'person' | 'emoji'; query: string; start: number; end: number };

const lookBack = 70;
const person = /(?:^|[^\p{L}\p{M}\p{N}_@])@([^\s@/]{0,64})$/u;
const emoji = /(?:^|[^\p{L}\p{M}\p{N}_:/]):([\p{L}\p{M}\p{N}_+-]{2,32})$/u;

export const askedAt = (text: string, caret: number): Asked | null => {
  const before = text.slice(Math.max(0, caret - lookBack), caret);
  for (const [kind, pattern] of [
    ['person', person],
    ['emoji', emoji],
  ] as const) {
    const query = pattern.exec(before)?.[1];
    if (query !== undefined) return { kind, query, start: caret - query.length - 1, end: caret };
  }
  return null;
};

/** Names that begin so come first, then names of which a part does; without regard to case and accents. */
export const peopleNamed = (people: readonly User[], query: string): User[] => {
  const asked = fold(query.toLowerCase());
  const rank = ({ username }: User): number => {
    const name = fold(username.toLowerCase());
    if (name.startsWith(asked)) return 0;
    return name.split(/[._-]+/).some((part) => part.startsWith(asked)) ? 1 : name.includes(asked) ? 2 : 3;
  };
  return people
    .map((user) => ({ user, rank: rank(user) }))
    .filter((one) => one.rank < 3)
    .sort((a, b) => a.rank - b.rank || a.user.username.localeCompare(b.user.username))
    .map(({ user }) => user);
};
