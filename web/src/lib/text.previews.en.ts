// Words about previews of links, in English.
export const previews = {
  remove: (title: string) => `Remove the preview: ${title}`,
  removed: 'The preview is gone for everybody.',
  show: 'Show previews of links',
  showHint: 'What a page says of itself, read by the server. Your browser asks nobody.',
};
