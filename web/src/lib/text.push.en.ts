// What a notice says that carries no text of its own. The service worker has these words with it.
export const pushEn = {
  messages: (count: number) => (count === 1 ? 'New message' : `${count} new messages`),
  mention: (count: number) =>
    count === 1 ? 'You were mentioned' : `You were mentioned · ${count} new messages`,
  reaction: (count: number) => (count === 1 ? 'Somebody reacted to you' : `${count} reactions to you`),
  more: (count: number) => `${count} new messages`,
  test: 'It works: notices reach this device.',
};
