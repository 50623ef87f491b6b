// The pages that are not the chat itself, each loaded when it is first opened so that the chat starts fast. A page is a
// component that is given its `place` and shows itself in a `PageFrame`; one line here makes its address work. Until
// there is a line, the address shows home.
import type { Component } from 'svelte';
import type { PageKind, Place, PlaceOf } from './place.ts';
import type { User } from './protocol.ts';

type Pages = {
  [Kind in PageKind]?: () => Promise<{ default: Component<{ place: PlaceOf<Kind> }> }>;
};

export const pages: Pages = {
  operations: () => import('../screens/Operations.svelte'),
  people: () => import('../pages/people/PeoplePage.svelte'),
  playback: () => import('../screens/Playback.svelte'),
  saved: () => import('../pages/saved/SavedPage.svelte'),
  settings: () => import('../pages/settings/SettingsPage.svelte'),
  statistics: () => import('../pages/statistics/StatisticsPage.svelte'),
};

export type PagePlace = PlaceOf<PageKind>;

/** For whom it is not, a page is not there: its address shows home. */
export const isPage = (place: Place, me: User): place is PagePlace =>
  place.kind !== 'home' &&
  place.kind !== 'conversation' &&
  pages[place.kind] !== undefined &&
  (place.kind !== 'operations' || me.isInstanceAdmin === true);

export const loadPage = async (kind: PageKind): Promise<Component<{ place: Place }>> => {
  const load = pages[kind];
  if (!load) throw new Error(`there is no page for ${kind}`);
  // The registry's type ties each page to its own kind of place.
  return (await load()).default as Component<{ place: Place }>;
};
