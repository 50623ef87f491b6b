import { describe, expect, test } from 'vitest';
import { messageId } from '../../../schemas/ids.ts';
import type { PendingFile } from './merge.ts';
import { inFlightMax, type KeyStore, Outbox, outboxEntriesMax } from './outbox.ts';
import type { Attachment, ClientFrame } from './protocol.ts';
import type { TabWord } from './tabs.ts';

const me = 'b6e3a3a0-33b5-4a3b-9d55-8a4c0b1b2c3d';

const memoryStorage = (): KeyStore => {
  const map = new Map<string, string>();
  return {
    getItem: (key) => map.get(key) ?? null,
    setItem: (key, value) => void map.set(key, value),
    removeItem: (key) => void map.delete(key),
    key: (index) => [...map.keys()][index] ?? null,
    get length() {
      return map.size;
    },
  };
};

const setup = (storage = memoryStorage()) => {
  const world = { isOpen: true, nowMs: 1_000, changes: 0 };
  const pushed: ClientFrame[] = [];
  const told: TabWord[] = [];
  const gone: string[] = [];
  const outbox = new Outbox({
    userId: me,
    storage,
    now: () => world.nowMs,
    onChange: () => {
      world.changes += 1;
    },
    tell: (word) => void told.push(word),
    onGone: ({ ref }) => void gone.push(ref),
    push: (frame) => {
      if (world.isOpen) pushed.push(frame);
      return world.isOpen;
    },
  });
  const add = (content: string) => {
    const added = outbox.add({ conversationId: 'c', content, replyTo: null });
    if (typeof added === 'string') throw new Error(added);
    return added;
  };
  const contents = () => pushed.map((frame) => ('content' in frame ? frame.content : frame.type));
  return { world, outbox, pushed, told, gone, add, contents, storage };
};

describe('The outbox', () => {
  test('given a connection, when something is sent, then its id is known before any answer', () => {
    const { add, pushed } = setup();
    const pending = add('hello');
    expect(pending.id).toBe(messageId(me, pending.ref));
    expect(pushed).toEqual([{ type: 'message', ref: pending.ref, conversationId: 'c', content: 'hello' }]);
  });

  test('given no connection, when it comes back, then everything is sent once, in order, with the same refs', () => {
    const { world, outbox, add, contents } = setup();
    world.isOpen = false;
    for (const content of ['one', 'two', 'three']) add(content);
    const refs = outbox.all().map(({ ref }) => ref);
    world.isOpen = true;
    outbox.flush();
    expect(contents()).toEqual(['one', 'two', 'three']);
    expect(outbox.all().map(({ ref }) => ref)).toEqual(refs);
  });

  test('given unconfirmed sends, when the page is reloaded, then they are there in order and go out again', () => {
    const before = setup();
    before.world.isOpen = false;
    for (const content of ['one', 'two', 'three']) before.add(content);
    const after = setup(before.storage);
    expect(after.outbox.all()).toEqual(before.outbox.all());
    after.outbox.flush();
    expect(after.contents()).toEqual(['one', 'two', 'three']);
  });

  test('given an ack or the message itself, when it comes, then the entry is forgotten on disk too', () => {
    const { outbox, add, storage } = setup();
    const [first, second] = [add('one'), add('two')];
    outbox.settle({ ref: first.ref });
    outbox.settle({ id: second.id });
    expect([outbox.all(), storage.length]).toEqual([[], 0]);
  });

  test('given a busy server, when it refuses for now, then the send stays queued', () => {
    const { outbox, add } = setup();
    const { ref } = add('one');
    expect(outbox.refuse(ref, { code: 'overloaded', detail: '' })).toBe('later');
    expect(outbox.all()[0]?.failure).toBeNull();
  });

  test('given a long absence, when back, then only so many are unanswered at a time, in order', () => {
    const { world, outbox, add, contents } = setup();
    world.isOpen = false;
    for (let index = 0; index < inFlightMax + 2; index += 1) add(String(index));
    world.isOpen = true;
    outbox.flush();
    expect(contents()).toHaveLength(inFlightMax);
    outbox.settle({ ref: outbox.all()[0]!.ref });
    expect(contents().at(-1)).toBe(String(inFlightMax));
    add('newest');
    expect(contents().at(-1)).toBe(String(inFlightMax));
  });

  test('given a busy server, when more is written, then it waits behind what was refused', () => {
    const { outbox, add, contents } = setup();
    outbox.refuse(add('one').ref, { code: 'rate_limited', detail: '' });
    add('two');
    expect(contents()).toEqual(['one']);
    outbox.flush();
    expect(contents()).toEqual(['one', 'one', 'two']);
  });

  test('given a rule against it, when refused, then it waits for the person, who may repeat or discard it', () => {
    const { outbox, add, pushed } = setup();
    const { ref } = add('one');
    expect(outbox.refuse(ref, { code: 'not_a_member', detail: 'gone' })).toBe('failed');
    outbox.flush();
    expect(pushed).toHaveLength(1);
    outbox.retry(ref);
    expect([pushed.length, outbox.all()[0]?.failure]).toEqual([2, null]);
    outbox.discard(ref);
    expect(outbox.all()).toEqual([]);
    expect(outbox.refuse('other', { code: 'x', detail: '' })).toBe('unknown');
  });

  test('given no answer for long, when time passes, then it is sent again with the same ref', () => {
    const { world, outbox, add, pushed } = setup();
    const { ref } = add('one');
    world.nowMs += 15_000;
    outbox.flushOverdue();
    expect(pushed).toHaveLength(1);
    world.nowMs += 15_000;
    outbox.flushOverdue();
    expect(pushed.map((frame) => ('ref' in frame ? frame.ref : ''))).toEqual([ref, ref]);
  });

  test('given two tabs, when one writes, then the other shows it, and sends it when it takes over', () => {
    const first = setup();
    const second = setup(first.storage);
    second.world.isOpen = false;
    const pending = first.add('one');
    const [word] = first.told;
    if (word?.say !== 'pending') throw new Error('it tells the others');
    second.outbox.adopt(word.pending, word.order);
    second.outbox.adopt(word.pending, word.order);
    expect([second.outbox.all(), second.pushed]).toEqual([[pending], []]);
    second.world.isOpen = true;
    second.outbox.takeOver();
    expect(second.pushed).toEqual(first.pushed);
    second.outbox.discard(pending.ref);
    expect(second.told).toEqual([{ say: 'discarded', ref: pending.ref }]);
  });

  test('given two people at one browser, when each signs in, then neither sees or sends what the other wrote', () => {
    const { add, storage } = setup();
    add('secret');
    const other = new Outbox({
      userId: 'other',
      storage,
      now: Date.now,
      onChange: () => undefined,
      push: () => true,
      tell: () => undefined,
      onGone: () => undefined,
    });
    expect(other.all()).toEqual([]);
  });

  test('given bounds, when there are too many or one is too large for a frame, then it says so', () => {
    const { outbox, add } = setup();
    // A control character takes six bytes in JSON: fewer characters than the limit, more bytes than a frame.
    const large = '\u0001'.repeat(15_000);
    expect(outbox.add({ conversationId: 'c', content: large, replyTo: null })).toBe('too_large');
    for (let index = 0; index < outboxEntriesMax; index += 1) add(String(index));
    expect(outbox.add({ conversationId: 'c', content: 'more', replyTo: null })).toBe('full');
  });

  test('given a browser that forbids storage, when something is sent, then it is sent all the same', () => {
    const forbidden = () => {
      throw new Error('forbidden');
    };
    const storage: KeyStore = {
      getItem: forbidden,
      setItem: forbidden,
      removeItem: forbidden,
      key: forbidden,
      length: 1,
    };
    const { add, outbox, contents } = setup(storage);
    const { ref } = add('one');
    outbox.settle({ ref });
    expect([contents(), outbox.all()]).toEqual([['one'], []]);
  });

  describe('with files', () => {
    const media = (mediaId: string): Attachment => ({
      mediaId,
      name: 'a.png',
      contentType: 'image/png',
      size: 3,
    });
    const file = (key: string): PendingFile => ({
      key,
      name: 'a.png',
      contentType: 'image/png',
      size: 3,
      width: 2,
      height: 1,
      media: null,
    });
    const withFiles = (outbox: Outbox, content: string, keys: string[]) => {
      const added = outbox.add({ conversationId: 'c', content, replyTo: null, files: keys.map(file) });
      if (typeof added === 'string') throw new Error(added);
      return added;
    };

    test('given a message whose files are on their way, when others are sent, then it waits for its files and they do not', () => {
      const { outbox, add, pushed, contents } = setup();
      withFiles(outbox, 'look', ['one', 'two']);
      add('meanwhile');
      expect(contents()).toEqual(['meanwhile']);
      outbox.attached('two', media('m2'));
      expect(contents()).toEqual(['meanwhile']);
      outbox.attached('one', media('m1'));
      expect(pushed.at(-1)).toMatchObject({ content: 'look', attachments: [media('m1'), media('m2')] });
    });

    test('given a reload before the last file was there, when it is, then the message goes with all of them', () => {
      const { outbox, storage } = setup();
      withFiles(outbox, '', ['one', 'two']);
      outbox.attached('one', media('m1'));
      const { outbox: next, pushed } = setup(storage);
      expect(next.all()[0]?.files.map(({ media }) => media?.mediaId)).toEqual(['m1', undefined]);
      next.attached('two', media('m2'));
      expect(pushed).toMatchObject([{ content: '', attachments: [media('m1'), media('m2')] }]);
      expect(next.attached('other', media('m3'))).toBe(false);
    });

    test('given a file that is taken back, when nothing is left of the message, then it is gone; otherwise it goes without', () => {
      const { outbox, gone, contents } = setup();
      const [alone, words] = [withFiles(outbox, '', ['one']), withFiles(outbox, 'words', ['two'])];
      outbox.detach('one');
      expect(gone).toEqual([alone.ref]);
      outbox.detach('two');
      expect(contents()).toEqual(['words']);
      outbox.settle({ ref: words.ref });
      expect(gone).toEqual([alone.ref, words.ref]);
    });

    test('given a file that lay at the server for too long, when it is sent again, then it is uploaded once more', () => {
      const { outbox, pushed } = setup();
      const { ref } = withFiles(outbox, '', ['one']);
      outbox.attached('one', media('m1'));
      outbox.refuse(ref, { code: 'unknown_media', detail: '' });
      outbox.retry(ref);
      expect(outbox.all()[0]?.files[0]?.media).toBeNull();
      outbox.attached('one', media('m2'));
      expect(pushed.at(-1)).toMatchObject({ ref, attachments: [media('m2')] });
    });

    test('given what an earlier version had kept, when it is read, then it has no files', () => {
      const { storage, add } = setup();
      const { ref } = add('old');
      const [key] = [storage.key(0)!];
      const kept = JSON.parse(storage.getItem(key)!) as { pending: { files?: unknown } };
      delete kept.pending.files;
      storage.setItem(key, JSON.stringify(kept));
      const { outbox, pushed } = setup(storage);
      outbox.flush();
      expect(pushed).toMatchObject([{ ref, content: 'old' }]);
    });
  });
});
