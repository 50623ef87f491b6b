import { describe, expect, it } from 'vitest';
import type { ClientFrame } from './protocol.ts';
import { ReadMarks } from './read-marks.ts';

const storage = () => {
  const map = new Map<string, string>();
  return {
    getItem: (key: string) => map.get(key) ?? null,
    setItem: (key: string, value: string) => void map.set(key, value),
    removeItem: (key: string) => void map.delete(key),
    map,
  };
};

describe('What was read without a network', () => {
  it('is said once there is one, also after a reload, until the server knows it', () => {
    const disk = storage();
    const marks = new ReadMarks('ann', disk);
    marks.put({ conversationId: 'c', messageId: 'm9', position: '9' });
    marks.put({ conversationId: 'c', messageId: 'm10', position: '10' });
    const sent: ClientFrame[] = [];
    const later = new ReadMarks('ann', disk);
    later.flush((frame) => sent.push(frame) > 0);
    expect(sent).toEqual([{ type: 'read', conversationId: 'c', messageId: 'm10' }]);
    later.known('c', '9');
    later.flush((frame) => sent.push(frame) > 0);
    later.known('c', '10');
    later.flush((frame) => sent.push(frame) > 0);
    expect([sent.length, disk.map.size]).toEqual([2, 0]);
  });

  it('is nothing when the disk has something else', () => {
    const disk = storage();
    disk.setItem('chatvui.reads.ann', '{"a":[null');
    expect(() => new ReadMarks('ann', disk)).not.toThrow();
  });
});
