// What the notifications part shows of itself.
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { NotificationQueue } from '../../ports/notifications/port.ts';

export type NoticeMetrics = {
  /** Of notices, by what became of them. */
  settled: Counter<'channel' | 'outcome'>;
  failures: Counter<'channel'>;
  lateSeconds: Histogram<'channel'>;
};

export const noticeMetrics = (
  registry: Registry,
  queue: Pick<NotificationQueue, 'counts'>,
  now: () => number,
): NoticeMetrics => {
  const registers = [registry];
  new Gauge({
    name: 'chatvui_notices_waiting',
    help: 'Notices that wait for their time (all) or should have been sent by now (overdue)',
    labelNames: ['which'],
    registers,
    async collect() {
      const counts = await queue.counts(now()).catch(() => null);
      this.reset();
      if (!counts) return;
      this.set({ which: 'all' }, counts.waiting);
      this.set({ which: 'overdue' }, counts.overdue);
    },
  });
  return {
    settled: new Counter({
      name: 'chatvui_notices_total',
      help: 'Notices by channel and what became of them: sent, failed, or the reason why not',
      labelNames: ['channel', 'outcome'],
      registers,
    }),
    failures: new Counter({
      name: 'chatvui_notice_failures_total',
      help: 'Tries to tell somebody that failed',
      labelNames: ['channel'],
      registers,
    }),
    lateSeconds: new Histogram({
      name: 'chatvui_notice_late_seconds',
      help: 'From when a notice was due to when it was sent',
      labelNames: ['channel'],
      buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 3_600],
      registers,
    }),
  };
};
