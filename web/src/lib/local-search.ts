// A search in what this browser keeps, for when the server cannot be asked: the same words, accents and operators, without
// ranks and typos. Pure; newest first.
import { isLoose, readSearch, type SearchTerm } from '../../../schemas/search-query.ts';
import { type Token, tokensOf } from '../../../schemas/search-text.ts';
import type { SearchHit } from '../../../schemas/views.ts';
import { dayInput } from './dates.ts';
import type { Conversation, Message } from './protocol.ts';
import { hasWords } from './query.ts';

export const localHitsMax = 100;
const dayMs = 86_400_000;

export type LocalWorld = {
  messages: readonly Message[];
  conversation: (id: string) => Conversation | undefined;
  /** The user name, as far as it is known here. */
  name: (userId: string) => string;
  me: string;
  now: Date;
};

/** `question`: as the server would be asked, conversations by their id. */
export const searchLocally = (question: string, world: LocalWorld): { items: SearchHit[]; total: number } => {
  const asked = readSearch(question);
  const day = (value: string): string =>
    value === 'today' || value === 'yesterday'
      ? dayInput(new Date(world.now.getTime() - (value === 'today' ? 0 : dayMs)))
      : value;
  /** Both as far as the asked one is exact: a year, a month or a day. */
  const compared = (message: Message, value: string): number => {
    const then = dayInput(new Date(message.createdAt)).slice(0, day(value).length);
    return then < day(value) ? -1 : then > day(value) ? 1 : 0;
  };
  const isNamed = (userId: string, names: string[]) =>
    names.some((name) => (name === 'me' ? userId === world.me : world.name(userId) === name));
  const fits = (message: Message): boolean =>
    (asked.in.length === 0 ||
      asked.in.some(
        (one) =>
          one === message.conversationId ||
          hasWords(world.conversation(message.conversationId)?.name ?? '\0', one),
      )) &&
    (asked.from.length === 0 || isNamed(message.senderId, asked.from)) &&
    (asked.mentions.length === 0 || message.mentions.some((id) => isNamed(id, asked.mentions))) &&
    (!asked.isReply || message.replyTo !== null) &&
    asked.has.every((what) =>
      what === 'link'
        ? /https?:\/\//.test(message.content)
        : message.attachments.some(({ contentType }) => what === 'file' || contentType.startsWith('image/')),
    ) &&
    asked.before.every((value) => compared(message, value) < 0) &&
    asked.after.every((value) => compared(message, value) > 0) &&
    asked.on.every((value) => compared(message, value) === 0);

  const items: SearchHit[] = [];
  for (const message of world.messages) {
    const conversation = world.conversation(message.conversationId);
    if (!conversation || message.deletedAt !== null || !fits(message)) continue;
    const tokens = tokensOf(message.content);
    const found = asked.terms.map((term) => placesOf(term, tokens));
    if (found.some((places) => places.length === 0)) continue;
    if (asked.without.some((term) => placesOf(term, tokens).length > 0)) continue;
    const highlights = [...new Set(found.flat())]
      .sort((a, b) => a.start - b.start)
      .map(({ start, length }) => ({ start, length }));
    items.push({ message, conversation, highlights });
  }
  items.sort((a, b) => (a.message.createdAt < b.message.createdAt ? 1 : -1));
  return { items: items.slice(0, localHitsMax), total: items.length };
};

/** The words of the text that the term stands for; a phrase is found where its words follow each other. */
const placesOf = ({ tokens: asked, ...term }: SearchTerm, tokens: readonly Token[]): Token[] => {
  const mayBegin = isLoose({ tokens: asked, ...term });
  const places: Token[] = [];
  for (let at = 0; at + asked.length <= tokens.length; at += 1) {
    const isHere = asked.every(({ folded }, index) => {
      const here = tokens[at + index]!.folded;
      return mayBegin ? here.startsWith(folded) : here === folded;
    });
    if (isHere) places.push(...tokens.slice(at, at + asked.length));
  }
  return places;
};
