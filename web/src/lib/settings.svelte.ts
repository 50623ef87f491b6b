// What the person chose for this browser: language and theme. Kept in localStorage when the browser allows it.
import { catalogues, type Language, languages, preferredLanguage } from './i18n.ts';

export type Theme = 'system' | 'light' | 'dark';
export const themes: readonly Theme[] = ['system', 'light', 'dark'];

export class Settings {
  #language = $state<Language>('en');
  #theme = $state<Theme>('system');
  readonly text = $derived(catalogues[this.#language]);

  constructor() {
    const language = stored('language');
    const theme = stored('theme');
    this.#language = languages.find((one) => one === language) ?? preferredLanguage(navigator.languages);
    this.#theme = themes.find((one) => one === theme) ?? 'system';
    this.#show();
  }

  get language(): Language {
    return this.#language;
  }

  set language(language: Language) {
    this.#language = language;
    store('language', language);
    this.#show();
  }

  get theme(): Theme {
    return this.#theme;
  }

  set theme(theme: Theme) {
    this.#theme = theme;
    store('theme', theme);
    this.#show();
  }

  #show(): void {
    document.documentElement.lang = this.#language;
    document.documentElement.dataset.theme = this.#theme;
  }
}

const stored = (name: string): string | null => {
  try {
    return localStorage.getItem(`chatvui.${name}`);
  } catch {
    return null;
  }
};

const store = (name: string, value: string): void => {
  try {
    localStorage.setItem(`chatvui.${name}`, value);
  } catch {
    // The choice then holds for this page only.
  }
};
