// What mail the product has sent, wherever it goes.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import PostalMime, { type Email } from 'postal-mime';

/** What has come for an address. */
export type Mails = (address: string) => Promise<Email[]>;

export const mailsInFolder =
  (dir: string): Mails =>
  async (address) => {
    const names = await readdir(dir).catch(() => []);
    const files = names.filter((name) => name.endsWith('.eml'));
    const all = await Promise.all(
      files.map(async (name) => PostalMime.parse(await readFile(join(dir, name)))),
    );
    return all.filter(({ to }) => to?.some((one) => one.address === address));
  };

/** From the server for tests that keeps all (stack/smtp-sink.ts). */
export const mailsAtSink =
  (url: string): Mails =>
  async (address) => {
    const response = await fetch(`${url}/mails?to=${encodeURIComponent(address)}`);
    return ((await response.json()) as { mail: Email }[]).map(({ mail }) => mail);
  };
