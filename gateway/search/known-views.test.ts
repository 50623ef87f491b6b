import { describe, expect, it } from 'vitest';
import type { Conversation } from '../../schemas/views.ts';
import { KnownViews } from './known-views.ts';

const viewOf = (id: string, unreadCount = 0) => ({ id, unreadCount }) as Conversation;

describe('views that hits have shown', () => {
  it('are theirs who asked, as long as nothing has happened in the conversation', () => {
    const views = new KnownViews(10);
    views.put('ann', 7, viewOf('group', 3));
    expect(views.get('ann', 'group', 7)).toEqual(viewOf('group', 3));
    expect(views.get('bob', 'group', 7)).toBeUndefined();
    expect(views.get('ann', 'group', 8)).toBeUndefined();
    // What is too old is gone: places only grow.
    expect(views.get('ann', 'group', 7)).toBeUndefined();
  });

  it('are so many and no more: what was used longest ago goes first', () => {
    const views = new KnownViews(2);
    views.put('ann', 1, viewOf('first'));
    views.put('ann', 1, viewOf('second'));
    views.get('ann', 'first', 1);
    views.put('ann', 1, viewOf('third'));
    const kept = ['first', 'second', 'third'].filter((id) => views.get('ann', id, 1));
    expect(kept).toEqual(['first', 'third']);
  });
});
