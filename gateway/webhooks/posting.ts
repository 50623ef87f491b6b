// What an incoming webhook posts: the text of whichever shape came, as a message of its bot.
import type { HookPostBody } from '../../schemas/bots.ts';

const slackLink = /<(https?:\/\/[^|>\s]+)(?:\|([^>]*))?>/g;
const special = /[\\`*_[\]<>~|]/g;

/** Links as other chats' integrations write them: `<https://x|words>`. */
const withLinks = (text: string): string =>
  text.replace(slackLink, (_, url: string, words?: string) => (words ? `[${words}](${url})` : url));

const attachmentText = (one: NonNullable<HookPostBody['attachments']>[number]): string => {
  const title = one.title && one.title_link ? `[${one.title}](${one.title_link})` : one.title;
  const parts = [one.pretext, title, one.text].filter((part) => part);
  return parts.length > 0 ? parts.join('\n') : (one.fallback ?? '');
};

/** Markdown; empty when nothing was said. A name stands before the text, because the sender is the bot and nobody else. */
export const textOf = ({ text, content, username, attachments = [] }: HookPostBody): string => {
  const said = [text ?? content ?? '', ...attachments.map(attachmentText)].filter((part) => part.trim());
  const whole = withLinks(said.join('\n\n'));
  const name = username?.trim();
  return whole && name ? `**${name.replace(special, '\\$&')}**\n${whole}` : whole;
};
