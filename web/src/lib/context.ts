// What components reach without passing it through every level: made in main.ts, never a global.
import { createContext } from 'svelte';
import type { Api } from './api.ts';
import type { Chat } from './chat.svelte.ts';
import type { User } from './protocol.ts';
import type { Route } from './route.svelte.ts';
import type { Session } from './session.svelte.ts';
import type { Settings } from './settings.svelte.ts';
import type { Toasts } from './toasts.svelte.ts';
import type { Updates } from './updates.svelte.ts';

export type App = {
  api: Api;
  route: Route;
  session: Session;
  settings: Settings;
  toasts: Toasts;
  updates: Updates;
  createChat: (me: User) => Chat;
};

export const [useApp, provideApp] = createContext<App>();
export const [useChat, provideChat] = createContext<Chat>();
