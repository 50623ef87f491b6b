import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { longPress } from './long-press.ts';

const pressed: [number, number][] = [];
let node: EventTarget;
let end: () => void;
beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('DOMRect', function DOMRect(this: { x: number; y: number }, x: number, y: number) {
    Object.assign(this, { x, y });
  });
  pressed.length = 0;
  node = new EventTarget();
  end = longPress(({ x, y }) => pressed.push([x, y]))(node);
});
afterEach(() => {
  end();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const send = (name: string, parts: object = {}) => {
  const event = Object.assign(new Event(name, { cancelable: true }), { clientX: 5, clientY: 7, ...parts });
  node.dispatchEvent(event);
  return event;
};
const touch = { pointerType: 'touch' };

test('given a finger that rests, when it has rested long enough, then it is told where, and the click that follows is none', () => {
  send('pointerdown', touch);
  vi.advanceTimersByTime(499);
  expect(pressed).toEqual([]);
  send('pointermove', { clientX: 8 });
  vi.advanceTimersByTime(1);
  expect(pressed).toEqual([[5, 7]]);
  send('pointerup');
  expect(send('click').defaultPrevented).toBe(true);
  send('pointerdown', touch);
  send('pointerup');
  expect(send('click').defaultPrevented).toBe(false);
});

test.each([
  ['a finger that scrolls', 'pointermove', { clientY: 30 }],
  ['a tap', 'pointerup', {}],
  ['a system that takes it over', 'pointercancel', {}],
  ['a system that has opened the menu itself', 'contextmenu', {}],
])('given %s, when time passes, then nothing is opened', (_, name, parts) => {
  send('pointerdown', touch);
  send(name, parts);
  vi.advanceTimersByTime(1_000);
  expect(pressed).toEqual([]);
});

test('given a mouse, when it is held, then nothing is opened: it has a button for that', () => {
  send('pointerdown', { pointerType: 'mouse' });
  vi.advanceTimersByTime(1_000);
  expect(pressed).toEqual([]);
});
