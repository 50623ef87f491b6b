// The composition root: makes every part once and hands it to the components.
import { mount } from 'svelte';
import './app.css';
import AppView from './App.svelte';
import { createApi } from './lib/api.ts';
import { Chat } from './lib/chat.svelte.ts';
import type { App } from './lib/context.ts';
import { problemText } from './lib/i18n.ts';
import { forgetPush } from './lib/push-forget.ts';
import { Route } from './lib/route.svelte.ts';
import { Session } from './lib/session.svelte.ts';
import { Settings } from './lib/settings.svelte.ts';
import { createVisits } from './lib/store/visits.ts';
import { Toasts } from './lib/toasts.svelte.ts';
import { Updates } from './lib/updates.svelte.ts';

const settings = new Settings();
const toasts = new Toasts(settings);
const visits = createVisits();
const session = new Session({
  api: () => api,
  kept: visits.lastPerson,
  onEnter: visits.enter,
  onLeave: (userId) => {
    visits.leave(userId);
    // What cannot be unsubscribed is for an account that the worker does not know any more.
    void forgetPush().catch(() => undefined);
  },
});
const api = createApi({
  fetch: (...request) => fetch(...request),
  token: () => session.tokenNow,
  renew: () => session.renew(),
});

const app: App = {
  api,
  session,
  settings,
  toasts,
  updates: new Updates(),
  route: new Route(),
  createChat: (me) => {
    const chat: Chat = new Chat({
      api,
      session,
      me,
      ...visits.storeOf(me.id),
      yourself: () => settings.text.yourself,
      onRefused: (code, detail) => toasts.say(problemText(settings.text, { code, detail })),
      onFailed: (problem) => void toasts.attempt(() => Promise.reject(problem)),
      onDraftConflict: (conversationId, { takeTheirs, keepMine }) => {
        const { own, yourself } = settings.text;
        toasts.say(own.twoDrafts(chat.title(conversationId, yourself)), {
          isNews: true,
          actions: [
            { label: own.takeTheirs, onclick: takeTheirs },
            { label: own.keepMine, onclick: keepMine },
          ],
          shownMs: null,
        });
      },
    });
    return chat;
  },
};

void settings
  .ready()
  .then(() => mount(AppView, { target: document.getElementById('app') ?? document.body, props: { app } }));
void session.start();
if (import.meta.env.MODE !== 'development') void app.updates.watch();
