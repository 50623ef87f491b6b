// Slack's own markup to plain text: mentions, channels, links and the three entities that it escapes.

type Names = {
  person: (id: string) => string | undefined;
  conversation: (id: string) => string | undefined;
};

export const plainText = (marked: string, names: Names): { text: string; mentions: string[] } => {
  const mentions = new Set<string>();
  const text = marked.replace(/<([^<>]{1,4000})>/g, (_, inside: string) => {
    const bar = inside.indexOf('|');
    const target = bar === -1 ? inside : inside.slice(0, bar);
    const label = bar === -1 ? '' : inside.slice(bar + 1);
    const rest = target.slice(1);
    if (target.startsWith('@')) {
      mentions.add(rest);
      return `@${names.person(rest) ?? (label.replace(/^@/, '') || rest)}`;
    }
    if (target.startsWith('#')) return `#${names.conversation(rest) ?? (label || rest)}`;
    if (target.startsWith('!')) return label || `@${rest.split('^')[0]}`;
    const link = target.replace(/^mailto:/, '');
    return label && label !== link ? `${label} (${link})` : link;
  });
  return {
    text: text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&'),
    mentions: [...mentions],
  };
};
