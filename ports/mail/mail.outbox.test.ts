import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import PostalMime, { type Email } from 'postal-mime';
import { afterAll, describe, expect, it } from 'vitest';
import { mail, mailContract, sender } from './contract.ts';
import { openOutboxMailer } from './outbox.ts';

describe('mail in the outbox folder', () => {
  const root = mkdtempSync(join(tmpdir(), 'chatvui-outbox-'));
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  const read = async (dir: string): Promise<Email[]> => {
    const files = readdirSync(dir).filter((name) => name.endsWith('.eml'));
    return Promise.all(files.map((name) => PostalMime.parse(readFileSync(join(dir, name)))));
  };

  const dir = join(root, 'contract');
  const mailer = openOutboxMailer({ dir, from: sender });
  mailContract({
    open: () => mailer,
    arrived: async (to) => (await read(dir)).filter((one) => one.to?.some(({ address }) => address === to)),
  });

  it('is one file however often the same mail is sent, which only its owner can read', async () => {
    const own = join(root, 'twice');
    const files: string[] = [];
    const twice = openOutboxMailer({ dir: own, from: sender, onKept: (file) => files.push(file) });
    const sent = mail();
    await twice.send(sent);
    await twice.send(sent);
    expect(readdirSync(own)).toHaveLength(1);
    expect(new Set(files)).toEqual(new Set([join(own, readdirSync(own)[0] as string)]));
    expect(statSync(files[0] as string).mode & 0o077).toBe(0);
  });

  it('keeps the newest', async () => {
    const own = join(root, 'bounded');
    const bounded = openOutboxMailer({ dir: own, from: sender, keptMax: 10 });
    const sent = Array.from({ length: 25 }, () => mail());
    for (const one of sent) await bounded.send(one);
    const ids = (await read(own)).map(({ messageId }) => messageId);
    expect(ids.length).toBeLessThanOrEqual(11);
    expect(ids).toContain(`<${sent.at(-1)?.messageId}>`);
  });

  it('says that the folder cannot be written, and writes once it can', async () => {
    const own = join(root, 'in-the-way');
    writeFileSync(own, 'a file');
    const blocked = openOutboxMailer({ dir: own, from: sender });
    await expect(blocked.send(mail())).rejects.toMatchObject({ code: 'mail_unavailable', retry: 'later' });
    await expect(blocked.ping()).rejects.toMatchObject({ code: 'mail_unavailable' });
    rmSync(own);
    expect(await blocked.send(mail())).toEqual({ kind: 'sent' });
  });
});
