import { describe, expect, it } from 'vitest';
import { hrefOf, hrefWith, type Place, parentOf, placeOf, searchedAt } from './place.ts';

const conversationId = '0f5c8c1e-5f0a-5b0e-9f0a-1234567890ab';
const messageId = '7d444840-9dc0-51d1-b245-5ffdce74fad2';
const open: Place = { kind: 'conversation', conversationId, messageId: null };

describe('The address of a place', () => {
  it.each<[string, Place]>([
    ['#/', { kind: 'home' }],
    [`#/c/${conversationId}`, open],
    [`#/c/${conversationId}/m/${messageId}`, { ...open, messageId }],
    [`#/c/${conversationId}/members`, { ...open, panel: 'members' }],
    [`#/c/${conversationId}/playback`, { kind: 'playback', conversationId }],
    [`#/c/${conversationId}/statistics`, { kind: 'statistics', conversationId }],
    ['#/statistics', { kind: 'statistics', conversationId: null }],
    ['#/saved', { kind: 'saved' }],
    ['#/people', { kind: 'people' }],
    ['#/operations', { kind: 'operations' }],
    ['#/settings', { kind: 'settings', section: null }],
    ['#/settings/privacy', { kind: 'settings', section: 'privacy' }],
  ])('%s leads there and back', (href, place) => {
    expect(placeOf(href)).toEqual(place);
    expect(hrefOf(place)).toBe(href);
  });

  it.each([
    '',
    '#',
    '#/nowhere',
    '#/c/',
    '#/c/short',
    '#/settings/x',
    `#/c/${conversationId}/`,
    `#/c/${conversationId}/m/`,
    `#/c/${conversationId}/m/${messageId}/x`,
    `#/c/${conversationId}/operations`,
    `#/x/c/${conversationId}`,
  ])('given "%s", which is nobody\'s address, then it is home', (hash) => {
    expect(placeOf(hash)).toEqual({ kind: 'home' });
  });

  it('says what is searched for, whatever the words and the place', () => {
    for (const place of [open, { kind: 'home' }] as Place[])
      for (const words of ['đường dài?', 'from:ann "a & b" #x', '100 %']) {
        const href = hrefWith(place, words);
        expect([placeOf(href), searchedAt(href)]).toEqual([place, words]);
      }
    expect(hrefWith(open, '')).toBe(hrefOf(open));
    expect(searchedAt(hrefOf(open))).toBeNull();
  });

  it('is the same in capital letters', () => {
    expect(placeOf(`#/c/${conversationId.toUpperCase()}`)).toEqual(open);
  });
});

describe('Back', () => {
  it('leads from a section to all of them', () => {
    const all: Place = { kind: 'settings', section: null };
    expect(parentOf({ kind: 'settings', section: 'look' })).toEqual(all);
    expect(parentOf(all)).toEqual({ kind: 'home' });
  });

  it('leads from what is about a conversation to it, and from everything else home', () => {
    expect(parentOf({ kind: 'playback', conversationId })).toEqual(open);
    expect(parentOf({ kind: 'statistics', conversationId })).toEqual(open);
    for (const place of [
      open,
      { kind: 'statistics', conversationId: null },
      { kind: 'operations' },
    ] as Place[])
      expect(parentOf(place)).toEqual({ kind: 'home' });
  });
});
