import { describe, expect, test } from 'vitest';
import { refusals } from '../../../schemas/refusal.ts';
import { dayName, shortTime } from './dates.ts';
import { languages, preferredLanguage, problemText } from './i18n.ts';
import { en } from './text.en.ts';
import { vi } from './text.vi.ts';

const catalogues = { en, vi };

/** Every text by its path; a function is asked with something in its place. */
const flatten = (value: unknown, path = ''): [string, unknown][] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, one]) => flatten(one, `${path}.${key}`))
    : [[path, typeof value === 'function' ? 'function' : value]];

describe('The languages', () => {
  test('given two catalogues, when compared, then they have the same texts and none is empty', () => {
    const [english, vietnamese] = [flatten(catalogues.en), flatten(catalogues.vi)];
    expect(vietnamese.map(([path]) => path).sort()).toEqual(english.map(([path]) => path).sort());
    for (const [path, text] of vietnamese) expect(text, path).toBeTruthy();
  });

  test('given the Vietnamese catalogue, when compared with the English one, then nothing was left untranslated', () => {
    const english = new Map(flatten(catalogues.en));
    const same = flatten(catalogues.vi).filter(
      ([path, text]) => text !== 'function' && english.get(path) === text,
    );
    expect(same).toEqual([]);
  });

  test('given every refusal of the server, when shown, then there are words for it in each language', () => {
    for (const language of languages) {
      for (const code of Object.keys(refusals)) {
        expect(problemText(catalogues[language], { code, detail: 'server words' }), code).not.toBe(
          'server words',
        );
      }
    }
  });

  test('given an unknown code, when shown, then the words of the server are used', () => {
    expect(problemText(catalogues.en, { code: 'brand_new', detail: 'Server words.' })).toBe('Server words.');
    expect(problemText(catalogues.en, { code: 'toString', detail: 'Server words.' })).toBe('Server words.');
  });

  test('given the languages of a browser, when it starts, then the first that we speak is taken', () => {
    expect(preferredLanguage(['fr-FR', 'vi-VN', 'en'])).toBe('vi');
    expect(preferredLanguage(['de'])).toBe('en');
    expect(preferredLanguage([])).toBe('en');
  });

  test('given days around midnight, when named, then it goes by the calendar and not by hours', () => {
    const now = new Date(2026, 4, 10, 0, 30);
    const day = (...parts: [number, number, number, number]) => new Date(...parts).toISOString();
    expect(dayName('en', catalogues.en, day(2026, 4, 10, 0), now)).toBe('Today');
    expect(dayName('vi', catalogues.vi, day(2026, 4, 9, 23), now)).toBe('Hôm qua');
    expect(dayName('en', catalogues.en, day(2024, 4, 9, 23), now)).toContain('2024');
    expect(shortTime('en', day(2026, 3, 9, 12), now)).toBe('Apr 9');
  });
});
