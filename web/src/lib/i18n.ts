// The languages of the client: one typed catalogue each, so that a missing text is a compile error. Each is loaded when it is
// first spoken: nobody waits for words that they do not read.
import type { ApiProblem } from './api.ts';
import type { en } from './text.en.ts';

export type Text = typeof en;
export type Language = 'en' | 'vi';

export const loadText: Record<Language, () => Promise<Text>> = {
  en: async () => (await import('./text.en.ts')).en,
  vi: async () => (await import('./text.vi.ts')).vi,
};
export const languages: readonly Language[] = ['en', 'vi'];
export const languageNames: Record<Language, string> = { en: 'English', vi: 'Tiếng Việt' };

/** The first language of the browser that we speak. */
export const preferredLanguage = (wanted: readonly string[]): Language => {
  for (const tag of wanted) {
    const found = languages.find((language) => tag.toLowerCase().split('-')[0] === language);
    if (found) return found;
  }
  return 'en';
};

/** What happened and what to do next. An unknown code is said in the server's own words. */
export const problemText = (text: Text, problem: Pick<ApiProblem, 'code' | 'detail'>): string => {
  const known: Record<string, string> = text.problems;
  if (problem.code === 'invalid_input' && problem.detail)
    return `${text.problems.invalid_input} ${problem.detail}`;
  return (Object.hasOwn(known, problem.code) ? known[problem.code] : undefined) ?? problem.detail;
};
