// What WhatsApp itself writes between people's words, in English and Vietnamese.

export type Said = { from: string; text: string; isDeleted: boolean; isEdited: boolean };
export type Notice =
  | { kind: 'join' | 'leave'; person: string; isOfGroup: true }
  | { kind: 'other'; isOfGroup: boolean };

const marks = /[\u200e\u200f\u202a-\u202e]/gu;
const omitted =
  /^(<Media omitted>|<Media tidak disertakan>|<(Phương tiện bị bỏ qua|Đã bỏ qua phương tiện|Phương tiện đã bị bỏ qua|Không bao gồm tệp phương tiện)>|(image|video|audio|sticker|GIF|document|Contact card) omitted|(hình ảnh|video|âm thanh|nhãn dán|tài liệu) bị bỏ qua)$/iu;
const attached = [
  /^<(?:attached|đính kèm): (.+)>$/iu,
  /^(.+\.\w{1,5}) \((?:file attached|tệp đính kèm|đã đính kèm tệp)\)$/iu,
];
const deleted =
  /^(This message was deleted|You deleted this message|Tin nhắn này đã bị xóa|Bạn đã xóa tin nhắn này|Tin nhắn này đã bị xoá|Bạn đã xoá tin nhắn này)\.?$/iu;
const edited = /\s*<(This message was edited|Tin nhắn này đã được chỉnh sửa|Tin nhắn này đã được sửa)>\s*$/iu;

/** Null: nobody said it. */
export const saidIn = (rest: string): Said | null => {
  const found = /^([^\n:]{1,200}?): ?([\s\S]*)$/u.exec(rest);
  if (!found || groupNotice.test(found[1] as string)) return null;
  const from = (found[1] as string)
    .replace(marks, '')
    .replace(/[\u00a0\u202f]/gu, ' ')
    .trim()
    .replace(/^~\s*/, '');
  if (!from) return null;
  const isEdited = edited.test(found[2] as string);
  const words = (found[2] as string).replace(edited, '').replace(/^[\u200e\u200f]+/u, '');
  const bare = words.replace(marks, '').trim();
  if (deleted.test(bare)) return { from, text: '', isDeleted: true, isEdited: false };
  return { from, text: withFiles(words, bare), isDeleted: false, isEdited };
};

const withFiles = (words: string, bare: string): string => {
  if (omitted.test(bare)) return '[file: not in the export]';
  const [first, ...caption] = bare.split('\n');
  for (const form of attached) {
    const name = form.exec(first as string)?.[1];
    if (name) return [`[file: ${name}]`, ...caption].join('\n');
  }
  return words;
};

/** Begins a notice that has a colon in it, as a new name or subject may. */
const groupNotice = /( created group| changed the (subject|group|settings)| đã (tạo nhóm|đổi|thay đổi) )/u;
const left = /^(.+?) (left|đã rời nhóm|đã rời khỏi nhóm|đã rời đi)\.?$/u;
const joined =
  /^(.+?) (joined using this group's invite link|joined from the community|đã tham gia bằng .+)\.?$/u;
const added = /^(.+?) (?:added|đã thêm) (.+?)\.?$/u;
const removed = /^(.+?) (?:removed|đã xóa|đã xoá) (.+?)\.?$/u;

export const noticeOf = (rest: string): Notice => {
  const text = rest.replace(marks, '').trim();
  const person = (name: string): string => name.trim().replace(/^~\s*/, '');
  const gone = left.exec(text)?.[1] ?? removed.exec(text)?.[2];
  if (gone) return { kind: 'leave', person: person(gone), isOfGroup: true };
  const came = joined.exec(text)?.[1] ?? added.exec(text)?.[2];
  if (came && !/,| and | và /u.test(came)) return { kind: 'join', person: person(came), isOfGroup: true };
  return { kind: 'other', isOfGroup: groupNotice.test(text) };
};
