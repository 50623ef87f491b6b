// Names of files as strangers write them: made harmless when they come in, and written into a header when they go out.

const lengthMax = 200;
const extensionMax = 20;
/** Controls, what turns the direction of writing, and other characters that nobody sees. */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu;
const reserved = /[<>:"|?*\\/]/g;

const clipped = (text: string, max: number): string => [...text].slice(0, max).join('');

/** The last part of a path, of what can be seen, with its ending kept when it is cut; `file` when nothing is left. */
export const cleanName = (name: string): string => {
  const last = name.normalize('NFC').split(/[\\/]/).at(-1) ?? '';
  const seen = last
    .replace(unseen, '')
    .replace(reserved, '_')
    .replace(/\s+/g, ' ')
    .replace(/^[. ]+|[. ]+$/g, '');
  if (seen === '') return 'file';
  if ([...seen].length <= lengthMax) return seen;
  const ending = /\.[^.]+$/.exec(seen)?.[0] ?? '';
  const kept = [...ending].length <= extensionMax ? ending : '';
  return clipped(seen, lengthMax - [...kept].length) + kept;
};

/** With the ending that fits what the file has become. */
export const withExtension = (name: string, extension: string): string => {
  const same = extension === '.jpg' ? /\.jpe?g$/i : new RegExp(`\\${extension}$`, 'i');
  if (same.test(name)) return name;
  return `${clipped(name.replace(/\.[^.]{1,10}$/, ''), lengthMax)}${extension}`;
};

/** RFC 6266: the plain name for old readers, the real one beside it. */
export const dispositionOf = (kind: 'inline' | 'attachment', name: string): string => {
  const plain =
    name
      .normalize('NFD')
      .replace(/[^ -~]/g, '')
      .replace(/["\\%;]/g, '_') || 'file';
  const exact = encodeURIComponent(name).replace(
    /['()*]/g,
    (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `${kind}; filename="${plain}"; filename*=UTF-8''${exact}`;
};
