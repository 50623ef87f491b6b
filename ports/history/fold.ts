// How a name is looked for: without case and accents, so that "duong" finds "Đường".

export const foldName = (name: string): string =>
  name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    // đ is a letter of its own to Unicode and a d with a bar to people.
    .replaceAll('đ', 'd')
    .normalize('NFC');
