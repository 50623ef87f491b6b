// What the person chose for the client. This browser keeps a copy, so that it starts as it was; what should be the same
// everywhere follows the person through their account (following.ts).
import { type Language, languages, loadText, preferredLanguage, type Text } from './i18n.ts';
import { type NoticeKinds, noticeKinds, usualKinds } from './notices.ts';

export type Theme = 'system' | 'light' | 'dark';
export const themes: readonly Theme[] = ['system', 'light', 'dark'];
export type Density = 'comfortable' | 'compact';
export const densities: readonly Density[] = ['comfortable', 'compact'];

/** The same on every device. */
export type Followed = {
  language: Language;
  theme: Theme;
  density: Density;
  sound: boolean;
  kinds: NoticeKinds;
  /** Of links. */
  previews: boolean;
};

export class Settings {
  #followed = $state.raw<Followed>({
    language: 'en',
    theme: 'system',
    density: 'comfortable',
    sound: true,
    kinds: usualKinds,
    previews: true,
  });
  #desktop = $state(false);
  #text = $state.raw<Text | null>(null);
  /** The person has chosen something that should follow them. */
  onChoice: (() => void) | null = null;

  constructor() {
    const language = preferredLanguage(navigator.languages);
    this.#followed = readFollowed(parsed(stored('settings')), { ...this.#followed, language });
    this.#desktop = stored('desktop') === 'on';
    this.#show();
  }

  /** Before anything is shown. */
  async ready(): Promise<void> {
    this.#text ??= await loadText[this.language]();
  }

  get text(): Text {
    if (!this.#text) throw new Error('The texts are loaded before anything is shown.');
    return this.#text;
  }

  get followed(): Followed {
    return this.#followed;
  }

  get language(): Language {
    return this.#followed.language;
  }

  set language(language: Language) {
    this.choose({ language });
  }

  get theme(): Theme {
    return this.#followed.theme;
  }

  set theme(theme: Theme) {
    this.choose({ theme });
  }

  /** Notices on the desktop: each browser has to be allowed to by itself. */
  get desktop(): boolean {
    return this.#desktop;
  }

  set desktop(desktop: boolean) {
    this.#desktop = desktop;
    store('desktop', desktop ? 'on' : 'off');
  }

  choose(some: Partial<Followed>): void {
    this.#set({ ...this.#followed, ...some });
    this.onChoice?.();
  }

  /** As it was chosen on another device. What makes no sense stays as it is here. */
  adopt(value: unknown): void {
    this.#set(readFollowed(value, this.#followed));
  }

  #set(followed: Followed): void {
    if (JSON.stringify(followed) === JSON.stringify(this.#followed)) return;
    this.#followed = followed;
    store('settings', JSON.stringify(followed));
    this.#show();
  }

  /** The words of the former language stay until those of the new one are there. */
  async #speak(): Promise<void> {
    const { language } = this;
    const text = await loadText[language]().catch(() => this.#text);
    if (language !== this.language || !text) return;
    this.#text = text;
    document.documentElement.lang = language;
  }

  #show(): void {
    const { theme, density } = this.#followed;
    const root = document.documentElement;
    void this.#speak();
    root.dataset.theme = theme;
    root.dataset.density = density;
  }
}

/** What of an unknown value can be used, and the rest as it was. */
export const readFollowed = (value: unknown, before: Followed): Followed => {
  const given = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  const one = <T>(choices: readonly T[], name: string, otherwise: T): T =>
    choices.find((choice) => choice === given[name]) ?? otherwise;
  const kinds = (typeof given.kinds === 'object' && given.kinds !== null ? given.kinds : {}) as Record<
    string,
    unknown
  >;
  const ofKind = (kind: keyof NoticeKinds) =>
    typeof kinds[kind] === 'boolean' ? kinds[kind] : before.kinds[kind];
  return {
    language: one(languages, 'language', before.language),
    theme: one(themes, 'theme', before.theme),
    density: one(densities, 'density', before.density),
    sound: typeof given.sound === 'boolean' ? given.sound : before.sound,
    previews: typeof given.previews === 'boolean' ? given.previews : before.previews,
    kinds: Object.fromEntries(noticeKinds.map((kind) => [kind, ofKind(kind)])) as NoticeKinds,
  };
};

const parsed = (text: string | null): unknown => {
  try {
    return text === null ? null : JSON.parse(text);
  } catch {
    return null;
  }
};

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
