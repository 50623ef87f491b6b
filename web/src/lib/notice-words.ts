// The words about notices in the person's language; loaded with what says them.
import type { Language } from './i18n.ts';
import { noticesEn } from './text.notices.en.ts';
import { noticesVi } from './text.notices.vi.ts';

export type NoticeWords = typeof noticesEn;
const catalogues: Record<Language, NoticeWords> = { en: noticesEn, vi: noticesVi };

export const noticeWords = (language: Language): NoticeWords => catalogues[language];
