// Which words a person gets, and how they write a moment.
import type { Account } from '../../ports/accounts/port.ts';
import type { MailLanguage } from './page.ts';
import { en, type Words } from './words.en.ts';
import { vi } from './words.vi.ts';

const all: Record<MailLanguage, Words> = { en, vi };
const locales: Record<MailLanguage, string> = { en: 'en-GB', vi: 'vi-VN' };

const isLanguage = (value: unknown): value is MailLanguage => value === 'en' || value === 'vi';

/** As chosen in the client, which keeps its settings under `web`; else as the browser said when they registered. */
export const languageOf = ({ preferences }: Pick<Account, 'preferences'>, atFirst?: string): MailLanguage => {
  const { web } = preferences;
  const chosen = typeof web === 'object' && web !== null && 'language' in web ? web.language : undefined;
  if (isLanguage(chosen)) return chosen;
  return isLanguage(atFirst) ? atFirst : 'en';
};

export const wordsOf = (language: MailLanguage): Words => all[language];

export const momentIn = (language: MailLanguage, timeZone: string, time: string): string =>
  new Intl.DateTimeFormat(locales[language], {
    year: 'numeric',
    month: 'long',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZone,
    timeZoneName: 'short',
  }).format(new Date(time));
