// One person's busy life in one browser: what they do, in which of their tabs, and how they come to rest.
import type { BrowserContext, CDPSession, Page } from 'playwright-core';
import { byId, complaintsOf, painted } from '../../web/test/browser.ts';
import { eventually } from '../client/eventually.ts';
import type { Random } from '../client/random.ts';
import { type Others, one, type Room, somethingSaid } from './others.ts';
import type { Figures, Ground } from './soak.ts';

const settledWithinMs = 60_000;
const possibleWithinMs = 1_500;

type Scene = {
  random: Random;
  others: Others;
  ground: Ground;
  context: BrowserContext;
  /** Never loaded again. */
  page: Page;
  complaints: string[];
};

export class Life {
  readonly done: Record<string, number> = {};
  readonly impossible: Record<string, number> = {};
  readonly #scene: Scene;
  actions = 0;
  #second: Page | null = null;
  #isOffline = false;
  #isDown = false;
  #said = 0;

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  /** One action of the person in one of their tabs, and now and then one of somebody else meanwhile. */
  async act(): Promise<void> {
    const { random, others, page } = this.#scene;
    const tab = this.#second && random.below(3) === 0 ? this.#second : page;
    const acts: [weight: number, what: [name: string, act: () => Promise<boolean>]][] = [
      [14, ['send', () => this.#send(tab)]],
      [6, ['reply', () => this.#reply(tab)]],
      [6, ['edit', () => this.#edit(tab)]],
      [4, ['delete', () => this.#delete(tab)]],
      [6, ['react', () => this.#menu(tab, 'any', 'react')]],
      [10, ['switch', () => this.#switch(tab)]],
      [8, ['scroll back', () => this.#scroll(tab, -1)]],
      [4, ['scroll on', () => this.#scroll(tab, 1)]],
      [5, ['to the newest', () => click(tab, '[data-testid="to-newest"]')]],
      [3, ['look at a dialog', () => this.#dialog(tab)]],
      [2, ['look at a page', () => this.#page(tab)]],
      [3, ['hide and show', () => this.#hide(tab)]],
      [2, ['network', () => this.#network()]],
      [2, ['second tab', () => this.#secondTab()]],
      [1, ['reload', () => this.#reload()]],
      [1, ['server', () => this.#server()]],
    ];
    const [name, act] = one(random, acts);
    // A tab behind another one paints nothing.
    await tab.bringToFront();
    await this.#comeBack(tab);
    // A tab that is being loaded has nothing to click on yet.
    const [isDone] = await Promise.all([
      act().catch(() => false),
      random.below(2) === 0 ? others.act() : undefined,
    ]);
    const counts = isDone ? this.done : this.impossible;
    counts[name] = (counts[name] ?? 0) + 1;
    this.actions += 1;
  }

  /** Out of what the last action has left open, and into a conversation. */
  async #comeBack(tab: Page): Promise<void> {
    const isOpen = () =>
      tab.evaluate(() => document.querySelector('dialog[open], :popover-open') !== null).catch(() => false);
    for (let turn = 0; turn < 3 && (await isOpen()); turn += 1) await tab.keyboard.press('Escape');
    if (await click(tab, '[data-testid="page-back"]')) await painted(tab);
    const isHere = await tab
      .evaluate(() => document.querySelector('[data-testid="composer"]') !== null)
      .catch(() => true);
    if (!isHere) await this.#switch(tab);
  }

  /** Network and server are back, one tab is left, nothing waits to be sent; and what the tab holds then. */
  async rest(client: CDPSession): Promise<Figures> {
    const { page } = this.#scene;
    if (this.#isDown) await this.#server();
    // Whoever was to be renewed while it was down could not be.
    await this.#scene.others.renew();
    if (this.#isOffline) await this.#network();
    if (this.#second) await this.#secondTab();
    await page.bringToFront();
    await click(page, '[data-testid="try-now"]');
    await eventually(
      async () => (await this.#discardRefused()) || (await isSettled(page)),
      'the tab has sent everything',
      settledWithinMs,
    );
    // Second thoughts about a deletion are over, and notes have gone.
    await page.waitForFunction(() => document.querySelector('[data-testid="toast"]') === null, undefined, {
      timeout: settledWithinMs,
    });
    await page.evaluate(() => {
      location.hash = '#/';
    });
    await byId(page, 'conversation').waitFor({ state: 'detached' });
    for (let turn = 0; turn < 10; turn += 1) await painted(page);
    for (let turn = 0; turn < 3; turn += 1) await client.send('HeapProfiler.collectGarbage');
    const { usedSize } = await client.send('Runtime.getHeapUsage');
    const { nodes, jsEventListeners } = await client.send('Memory.getDOMCounters');
    return { heapMB: usedSize / 1_000_000, nodes, listeners: jsEventListeners };
  }

  /** What was written where one is no member any more is refused, and stays until one has seen that. */
  async #discardRefused(): Promise<false> {
    const { page, others } = this.#scene;
    const id = await page.evaluate(() => {
      const refused = Object.entries(localStorage)
        .filter(([key]) => key.startsWith('chatvui.outbox.'))
        .map(([, value]) => JSON.parse(value as string).pending)
        .find(({ failure }) => failure !== null);
      return refused?.conversationId as string | undefined;
    });
    if (id === undefined) return false;
    await others.bringBack();
    await page.evaluate((to) => {
      location.hash = `#/c/${to}`;
    }, id);
    await byId(page, 'conversation').waitFor();
    // It stands at the end; a conversation with much that is new opens far above it.
    await click(page, '[data-testid="to-newest"]');
    await byId(page, 'discard').first().waitFor({ timeout: possibleWithinMs });
    await click(page, '[data-testid="discard"]');
    return false;
  }

  async #write(tab: Page, text: string): Promise<boolean> {
    const composer = byId(tab, 'composer');
    if (!(await composer.isVisible())) return false;
    return possible(async () => {
      await composer.fill(text, { timeout: possibleWithinMs });
      await composer.press('Enter', { timeout: possibleWithinMs });
    });
  }

  #send(tab: Page): Promise<boolean> {
    return this.#write(tab, somethingSaid(this.#scene.random, ++this.#said));
  }

  async #reply(tab: Page): Promise<boolean> {
    return (await this.#menu(tab, 'any', 'reply')) && (await this.#write(tab, `answer ${++this.#said}`));
  }

  async #edit(tab: Page): Promise<boolean> {
    if (!(await this.#menu(tab, 'own', 'edit-message'))) return false;
    const isDone = await this.#write(tab, `${++this.#said} edited`);
    // Offline it is refused, and the words stay in the field.
    if (this.#isOffline || this.#isDown) {
      await tab.waitForTimeout(50);
      await possible(() => byId(tab, 'composer').press('Escape', { timeout: possibleWithinMs }));
    }
    return isDone;
  }

  async #delete(tab: Page): Promise<boolean> {
    const { random } = this.#scene;
    if (!(await this.#menu(tab, 'own', 'delete-message'))) return false;
    if (random.below(3) === 0) await click(tab, '[data-testid="toast-action"]');
    return true;
  }

  /** Opens the menu of a row on the screen and takes one of its lines. */
  async #menu(tab: Page, whose: 'any' | 'own', id: string): Promise<boolean> {
    const chance = this.#scene.random.below(1_000);
    const isOpen = await tab.evaluate(
      ([own, share]) => {
        const list = document.querySelector('[data-testid="message-list"]')?.getBoundingClientRect();
        if (!list) return false;
        const buttons = [...document.querySelectorAll('[data-testid="message-row"]')]
          .filter((row) => !own || row.getAttribute('data-own') === 'true')
          .filter(
            (row) =>
              row.getBoundingClientRect().top > list.top && row.getBoundingClientRect().bottom < list.bottom,
          )
          .flatMap((row) => row.querySelector<HTMLElement>('[data-testid="message-actions"]') ?? []);
        const button = buttons[(share as number) % Math.max(1, buttons.length)];
        button?.click();
        return button !== undefined;
      },
      [whose === 'own', chance] as const,
    );
    if (!isOpen) return false;
    await painted(tab);
    const isDone = await click(tab, `[data-testid="actions-menu"] [data-testid="${id}"]`);
    await painted(tab);
    return isDone;
  }

  async #switch(tab: Page): Promise<boolean> {
    const { id } = this.#scene.random.one(this.#scene.others.rooms) as Room;
    return click(tab, `[data-testid="conversation-row"][data-conversation-id="${id}"]`);
  }

  async #scroll(tab: Page, direction: 1 | -1): Promise<boolean> {
    const list = byId(tab, 'message-list');
    if (!(await list.isVisible())) return false;
    const turns = 1 + this.#scene.random.below(8);
    return possible(async () => {
      await list.hover({ timeout: possibleWithinMs });
      for (let turn = 0; turn < turns; turn += 1) {
        await tab.mouse.wheel(0, direction * 700);
        await painted(tab);
      }
    });
  }

  async #dialog(tab: Page): Promise<boolean> {
    const openers = ['new-conversation', 'emoji-button', 'members-button', 'date-separator', 'edited'];
    const opener = this.#scene.random.one(openers);
    if (!(await click(tab, `[data-testid="${opener}"] button, button[data-testid="${opener}"]`)))
      return false;
    await tab.waitForTimeout(60);
    if (opener === 'members-button') return click(tab, '[data-testid="members-button"]');
    await tab.keyboard.press('Escape');
    return true;
  }

  async #page(tab: Page): Promise<boolean> {
    const { id } = this.#scene.random.one(this.#scene.others.rooms) as Room;
    const page = this.#scene.random.one(['playback', 'statistics']);
    await tab.evaluate((hash) => {
      location.hash = hash;
    }, `#/c/${id}/${page}`);
    await tab.waitForTimeout(80);
    return click(tab, '[data-testid="page-back"]');
  }

  async #hide(tab: Page): Promise<boolean> {
    const setHidden = (isHidden: boolean) =>
      tab.evaluate((hidden) => {
        Object.defineProperty(document, 'visibilityState', {
          configurable: true,
          get: () => (hidden ? 'hidden' : 'visible'),
        });
        document.dispatchEvent(new Event('visibilitychange'));
      }, isHidden);
    await setHidden(true);
    await this.#scene.others.act();
    await setHidden(false);
    return true;
  }

  async #network(): Promise<boolean> {
    this.#isOffline = !this.#isOffline;
    await this.#scene.context.setOffline(this.#isOffline);
    return true;
  }

  async #server(): Promise<boolean> {
    if (this.#isDown) await this.#scene.ground.start();
    else await this.#scene.ground.stop();
    this.#isDown = !this.#isDown;
    return true;
  }

  async #secondTab(): Promise<boolean> {
    const { context, page, ground, complaints } = this.#scene;
    if (this.#second) {
      await this.#second.close();
      this.#second = null;
      return true;
    }
    if (this.#isDown || this.#isOffline) return false;
    const tab = await context.newPage();
    complaintsOf(tab, complaints);
    await tab.goto(`${ground.url}/${new URL(page.url()).hash}`);
    this.#second = tab;
    return true;
  }

  /** The second one: the first is to show whether anything piles up. */
  async #reload(): Promise<boolean> {
    if (!this.#second) return false;
    await this.#second.reload({ waitUntil: 'commit' }).catch(() => undefined);
    return true;
  }
}

/** Without a hand: at full speed nothing stays where it was seen. */
const click = (tab: Page, selector: string): Promise<boolean> =>
  tab
    .evaluate((wanted) => {
      const found = document.querySelector<HTMLElement>(wanted);
      found?.click();
      return found !== null;
    }, selector)
    .catch(() => false);

const possible = (work: () => Promise<unknown>): Promise<boolean> =>
  work().then(
    () => true,
    () => false,
  );

/** Nothing waits on disk, and the line to the server is open. */
const isSettled = async (page: Page): Promise<true> => {
  const seen = await page.evaluate(async () => ({
    waiting: Object.entries(localStorage).flatMap(([key, value]) =>
      key.startsWith('chatvui.outbox.')
        ? [JSON.parse(value).pending]
        : key.startsWith('chatvui.deletions.')
          ? Object.keys(JSON.parse(value))
          : [],
    ),
    shown: document.querySelectorAll('[data-state="sending"]').length,
    leaders: (await navigator.locks.query()).held?.map(({ name, clientId }) => `${name} ${clientId}`),
    banner: document.querySelector('[data-testid="banner"]')?.textContent,
  }));
  if (seen.waiting.length > 0 || seen.banner) throw new Error(JSON.stringify(seen).slice(0, 1_500));
  return true;
};
