// Names to addresses, once per hop. People's names are asked of the name servers alone (c-ares): the machine's own hosts file is
// nothing of theirs, and a slow server holds no thread of the pool that files and passwords need.
import { lookup, Resolver } from 'node:dns/promises';
import { OutsideError, reasonOf } from '../errors.ts';

/** All addresses of a name, in the order in which to try them. Rejects when there are none. */
export type Resolve = (host: string, signal: AbortSignal) => Promise<string[]>;

const attempts = { timeout: 2_000, tries: 2 };

export const resolvePublic: Resolve = async (host, signal) => {
  const resolver = new Resolver(attempts);
  const cancel = () => resolver.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    // IPv4 first: a machine without a way to IPv6 is more common than one without a way to IPv4.
    const answers = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
    const addresses = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
    if (addresses.length > 0) return addresses;
    const failure = answers.find((answer) => answer.status === 'rejected');
    throw failure ? failure.reason : new Error('no addresses');
  } catch (error) {
    throw new OutsideError(
      'outbound_unreachable',
      'later',
      `${host} could not be resolved: ${reasonOf(error)}`,
      error,
    );
  } finally {
    signal.removeEventListener('abort', cancel);
  }
};

/** As the machine does it, hosts file and all: for names that the operator has allowed. */
export const resolveAllowed: Resolve = async (host) => {
  try {
    return (await lookup(host, { all: true })).map(({ address }) => address);
  } catch (error) {
    throw new OutsideError(
      'outbound_unreachable',
      'later',
      `${host} could not be resolved: ${reasonOf(error)}`,
      error,
    );
  }
};
