import type { Email } from 'postal-mime';
import { afterAll, describe, expect, it } from 'vitest';
import { mail, mailContract, sender } from './contract.ts';
import { openSmtpMailer } from './smtp.ts';

const { SMTP_URL: url, SMTP_SINK_URL: sink } = process.env;

describe.skipIf(!url || !sink)('mail by SMTP', () => {
  const mailer = openSmtpMailer({ url: url as string, from: sender });
  afterAll(() => mailer.close());

  mailContract({
    open: () => mailer,
    arrived: async (to) => {
      const response = await fetch(`${sink}/mails?to=${encodeURIComponent(to)}`);
      return ((await response.json()) as { mail: Email }[]).map((one) => one.mail);
    },
  });

  it('says of an address that takes no mail why not', async () => {
    const outcome = await mailer.send(mail({ to: 'refused@example.org' }));
    expect(outcome).toEqual({ kind: 'refused', reason: expect.stringContaining('nobody with this address') });
  });

  it('says of one that is not ready to try again', async () => {
    const sending = mailer.send(mail({ to: 'later@example.org' }));
    await expect(sending).rejects.toMatchObject({ code: 'mail_unavailable', retry: 'later' });
  });
});
