// The scene of a fault: real servers, a cluster on them, load; and its end, whatever happens.
import { randomUUID } from 'node:crypto';
import { startStack } from '../../stack/index.ts';
import { type Cluster, printLogs, startCluster } from '../harness.ts';
import { check, type Verdict } from './check.ts';
import { Load, type LoadOptions } from './load.ts';
import { MailServer } from './mail-server.ts';

type Stack = Awaited<ReturnType<typeof startStack>>;

/** Enough before and after the fault for a rate to be seen. */
const calmMs = 3_000;
/** The bound of availability in which a pause belongs to the machine and not to the fault (two cores for all of it). */
export const unnoticedMs = 3_000;

export type Scene = { stack: Stack; cluster: Cluster; mail: MailServer };

export const openScene = async ({ brokers = 1 }: { brokers?: 1 | 3 } = {}): Promise<Scene> => {
  const stack = await startStack({
    name: `faults-${randomUUID().slice(0, 8)}`,
    services: ['kafka', 'mysql', 'redis'],
    brokers,
    freePorts: true,
  });
  const mail = await MailServer.open();
  try {
    const env = { ...stack.env, SMTP_URL: mail.url, OUTBOUND_ALLOW: '127.0.0.1' };
    return { stack, mail, cluster: await startCluster(env) };
  } catch (error) {
    await mail.kill();
    await stack.down();
    throw error;
  }
};

export const closeScene = async (
  scene: (Pick<Scene, 'stack' | 'cluster'> & Partial<Scene>) | undefined,
): Promise<void> => {
  await scene?.cluster.stop();
  await scene?.mail?.kill();
  await scene?.stack.down();
};

/** Load, the fault in the middle of it, what heals it, and the check. Answers how long a conversation had no ack. */
export const underLoad = async (
  cluster: Cluster,
  fault: (load: Load) => Promise<void>,
  options: Partial<LoadOptions> = {},
): Promise<Verdict & { silenceMs: number }> => {
  const load = await Load.prepare({ urls: cluster.urls, ...options });
  try {
    load.start();
    await load.during(calmMs);
    const from = performance.now();
    await fault(load);
    await load.during(calmMs);
    const silenceMs = load.longestSilence(from, performance.now());
    await load.quiesce();
    const verdict = { ...(await check(load, cluster.urls)), silenceMs };
    console.log(`longest time without an ack in a conversation: ${silenceMs} ms`);
    return verdict;
  } catch (error) {
    printLogs(cluster);
    throw error;
  } finally {
    await load.end();
  }
};
