// A message of one conversation as the text of a message in another. Pure.

/** `by`: a line that says whose words these are, with the name in it; its signs mean nothing here. */
export const forwarded = (content: string, by: string): string => {
  const line = by.replace(/[\\`*_~|[\]<>#@]/g, '\\$&');
  return [`*${line}*`, ...content.split('\n')].map((words) => `> ${words}`.trimEnd()).join('\n');
};
