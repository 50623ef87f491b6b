// Hours of busy use in minutes: one person in a real browser writes, changes, reads, switches, scrolls, goes offline and
// hides the tab, while the others do the same and the server goes and comes. At the end what the tab shows is compared
// with what a browser shows that has never been here, and with what the server says.
import type { Browser } from 'playwright-core';
import { byId, openPage } from '../../web/test/browser.ts';
import { Person, password } from '../client/person.ts';
import { seeded } from '../client/random.ts';
import { compare } from './compare.ts';
import { Life } from './life.ts';
import { Others } from './others.ts';

/** A product that is up, and can be stopped and started. */
export type Ground = { url: string; stop: () => Promise<void>; start: () => Promise<void> };
export type SoakOptions = {
  seed: number;
  /** It ends with whichever comes first. */
  actions: number;
  seconds: number;
  /** So many of the newest rows of each conversation are compared. */
  rows: number;
};
/** After garbage collection, in the tab that was never loaded again. */
export type Figures = { heapMB: number; nodes: number; listeners: number };
export type Soaked = {
  actions: number;
  seconds: number;
  /** How often each kind of action was done, and how often it was not possible. */
  done: Record<string, number>;
  impossible: Record<string, number>;
  /** At a third, at two thirds, and at the end. */
  figures: Figures[];
  /** Where two views of the same are not the same. */
  differences: string[];
  complaints: string[];
};

const renewAfterMs = 300_000;
const viewport = { width: 1100, height: 800 };

export const soak = async (browser: Browser, ground: Ground, options: SoakOptions): Promise<Soaked> => {
  const random = seeded(options.seed);
  const me = await Person.register(ground.url, 'soaker');
  const others = await Others.arrive(me, random);
  const opened = await signedIn(browser, ground, me);
  const life = new Life({
    random,
    others,
    ground,
    context: opened.context,
    page: opened.page,
    complaints: opened.complaints,
  });
  const figures: Figures[] = [];
  const client = await opened.context.newCDPSession(opened.page);
  const began = performance.now();
  const share = () =>
    Math.max(life.actions / options.actions, (performance.now() - began) / 1_000 / options.seconds);
  let renewAt = began + renewAfterMs;
  while (share() < 1) {
    await life.act();
    if (performance.now() > renewAt) {
      await others.renew();
      renewAt = performance.now() + renewAfterMs;
    }
    if (figures.length < 2 && share() > (figures.length + 1) / 3) figures.push(await life.rest(client));
  }
  const seconds = (performance.now() - began) / 1_000;
  figures.push(await life.rest(client));
  await others.settle();
  await me.api.refresh();
  const openFresh = () => signedIn(browser, ground, me);
  const differences = await compare(openFresh, opened.page, me, {
    rooms: others.rooms,
    count: options.rows,
  });
  others.leave();
  await opened.context.close();
  return {
    actions: life.actions,
    seconds,
    done: life.done,
    impossible: life.impossible,
    figures,
    differences,
    complaints: opened.complaints,
  };
};

const signedIn = async (browser: Browser, ground: Ground, me: Person) => {
  const opened = await openPage(browser, 'about:blank', { viewport });
  // The runner of the bench names functions by a helper that no page has.
  await opened.context.addInitScript('globalThis.__name = (named) => named');
  await opened.page.goto(ground.url);
  await byId(opened.page, 'username').fill(me.user.username);
  await byId(opened.page, 'password').fill(password);
  await byId(opened.page, 'submit').click();
  await byId(opened.page, 'conversation-row').first().waitFor();
  return opened;
};
