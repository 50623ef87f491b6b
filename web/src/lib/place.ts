// Where the person is in the client, and the addresses of those places. Pure: the address bar itself is in route.svelte.ts.

export type Place =
  | { kind: 'home' }
  | { kind: 'conversation'; conversationId: string; messageId: string | null; panel?: 'members' }
  | { kind: 'playback'; conversationId: string }
  | { kind: 'statistics'; conversationId: string | null }
  | { kind: 'saved' }
  | { kind: 'people' }
  | { kind: 'operations' }
  | { kind: 'settings'; section: SettingsSection | null };

export const settingsSections = [
  'profile',
  'look',
  'notices',
  'privacy',
  'devices',
  'bots',
  'account',
] as const;
export type SettingsSection = (typeof settingsSections)[number];

export type PlaceOf<Kind extends Place['kind']> = Extract<Place, { kind: Kind }>;
/** What is neither the list nor a conversation: loaded when it is first opened. See pages.ts. */
export type PageKind = Exclude<Place['kind'], 'home' | 'conversation'>;

const home: Place = { kind: 'home' };
/** Pages that are about nothing in particular: the kind is the address. */
const plainPages = ['saved', 'people', 'operations'] as const;
const inConversation = /^\/c\/([0-9a-f-]{36})(?:\/(playback|statistics|members|m\/([0-9a-f-]{36})))?$/;

/** An address that says nothing to us is home. What is searched for stands behind it, and belongs to every place. */
export const placeOf = (hash: string): Place => {
  const [path = ''] = hash.replace(/^#/, '').split('?');
  if (path === '/statistics') return { kind: 'statistics', conversationId: null };
  if (path === '/settings') return { kind: 'settings', section: null };
  const section = settingsSections.find((one) => path === `/settings/${one}`);
  if (section) return { kind: 'settings', section };
  const plain = plainPages.find((kind) => path === `/${kind}`);
  if (plain) return { kind: plain };
  const [, id, rest, messageId] = inConversation.exec(path.toLowerCase()) ?? [];
  if (id === undefined) return home;
  if (rest === 'playback' || rest === 'statistics') return { kind: rest, conversationId: id };
  const panel = rest === 'members' ? { panel: rest as 'members' } : {};
  return { kind: 'conversation', conversationId: id, messageId: messageId ?? null, ...panel };
};

export const hrefOf = (place: Place): string => {
  switch (place.kind) {
    case 'home':
      return '#/';
    case 'conversation': {
      const message = place.messageId === null ? '' : `/m/${place.messageId}`;
      return `#/c/${place.conversationId}${place.panel ? `/${place.panel}` : message}`;
    }
    case 'playback':
      return `#/c/${place.conversationId}/playback`;
    case 'settings':
      return place.section === null ? '#/settings' : `#/settings/${place.section}`;
    case 'statistics':
      return place.conversationId === null ? '#/statistics' : `#/c/${place.conversationId}/statistics`;
    case 'saved':
    case 'people':
    case 'operations':
      return `#/${place.kind}`;
  }
};

/** What is searched for at an address; null: the address does not say. */
export const searchedAt = (hash: string): string | null => {
  const query = hash.indexOf('?');
  return query < 0 ? null : new URLSearchParams(hash.slice(query + 1)).get('q');
};

/** The address of a place with what is searched for beside it. */
export const hrefWith = (place: Place, searched: string): string =>
  hrefOf(place) + (searched ? `?${new URLSearchParams({ q: searched })}` : '');

export const hrefOfConversation = (conversationId: string): string =>
  hrefOf({ kind: 'conversation', conversationId, messageId: null });

/** Where "back" leads: to what it is a part of, or about; from everything else home. */
export const parentOf = (place: Place): Place => {
  if (place.kind === 'settings' && place.section !== null) return { kind: 'settings', section: null };
  return (place.kind === 'playback' || place.kind === 'statistics') && place.conversationId !== null
    ? { kind: 'conversation', conversationId: place.conversationId, messageId: null }
    : home;
};
