// What every mailer must do.
import { randomUUID } from 'node:crypto';
import type { Email } from 'postal-mime';
import { expect, it } from 'vitest';
import type { Mail, Mailer, Sender } from './port.ts';

export const sender: Sender = { name: 'ChatVui', address: 'chat@example.org' };

export const mail = (changes: Partial<Mail> = {}): Mail => ({
  messageId: `${randomUUID()}@chat.example.org`,
  to: `ann-${randomUUID()}@example.org`,
  subject: 'Tin nhắn mới từ Đặng Văn Hùng',
  text: 'Chào Ann,\n\nBạn có 3 tin nhắn chưa đọc. 🌴\n',
  html: '<p>Chào Ann, bạn có <b>3</b> tin nhắn chưa đọc. 🌴</p>',
  ...changes,
});

export type MailContractOptions = {
  open: () => Mailer;
  /** What has arrived at an address, oldest first. */
  arrived(to: string): Promise<Email[]>;
};

export const headerOf = ({ headers }: Email, name: string): string | undefined =>
  headers.find(({ key }) => key === name.toLowerCase())?.value;

/** What would be a header, a second recipient or the end of the mail, if it got out of its place. */
const hostile = [
  'x\r\nBcc: eve@example.org',
  'x\nBcc: eve@example.org\n\nanother body',
  'x\r\n.\r\nRCPT TO:<eve@example.org>\r\n',
  'x\u2028Bcc: eve@example.org',
  'x\0\u0007\u202eexample.org',
  '=?utf-8?Q?x=0D=0ABcc:_eve@example.org?=',
  `${'dài '.repeat(5000)}`,
];

export const mailContract = ({ open, arrived }: MailContractOptions): void => {
  it('brings a mail in any language, from whom we are, to one address', async () => {
    const sent = mail();
    expect(await open().send(sent)).toEqual({ kind: 'sent' });
    const [got, ...more] = await arrived(sent.to);
    expect(more).toEqual([]);
    expect(got).toMatchObject({
      from: sender,
      to: [{ address: sent.to }],
      subject: sent.subject,
      messageId: `<${sent.messageId}>`,
    });
    expect(got?.text?.trim()).toBe(sent.text.trim());
    expect(got?.html?.trim()).toBe(sent.html);
    expect(headerOf(got as Email, 'Auto-Submitted')).toBe('auto-generated');
    expect(headerOf(got as Email, 'List-Unsubscribe')).toBeUndefined();
  });

  it('gives a mail that is sent again the same id', async () => {
    const sent = mail();
    await open().send(sent);
    await open().send(sent);
    expect(new Set((await arrived(sent.to)).map(({ messageId }) => messageId))).toEqual(
      new Set([`<${sent.messageId}>`]),
    );
  });

  it('puts a mail into its thread, and says how to get no more', async () => {
    const unsubscribeUrl = `https://chat.example.org/api/unsubscribe/${'a'.repeat(300)}`;
    const sent = mail({ references: ['one@example.org', 'two@example.org'], unsubscribeUrl });
    await open().send(sent);
    const [got] = (await arrived(sent.to)) as [Email];
    expect(got.inReplyTo).toBe('<two@example.org>');
    expect(got.references).toBe('<one@example.org> <two@example.org>');
    expect(headerOf(got, 'List-Unsubscribe')).toBe(`<${unsubscribeUrl}>`);
    expect(headerOf(got, 'List-Unsubscribe-Post')).toBe('List-Unsubscribe=One-Click');
  });

  it('lets nothing that people wrote become a header, a recipient or an end', async () => {
    for (const words of hostile) {
      const sent = mail({ subject: words, text: `before\n${words}\nafter`, html: `<p>${words}</p>` });
      await open().send(sent);
      const [got] = (await arrived(sent.to)) as [Email];
      expect(got.to).toMatchObject([{ address: sent.to }]);
      expect(got.bcc ?? []).toEqual([]);
      expect(headerOf(got, 'Bcc')).toBeUndefined();
      expect(got.subject?.length).toBeLessThanOrEqual(200);
      expect(got.subject).not.toMatch(/[\p{Cc}\u2028\u202e]/u);
      expect(got.text?.trim().endsWith('after')).toBe(true);
    }
    expect(await arrived('eve@example.org')).toEqual([]);
  });

  it('refuses what is no single address', async () => {
    for (const to of [
      'ann@example.org\r\nBcc: eve@example.org',
      'a@b.example,eve@example.org',
      '<a@b>',
      'ann',
    ])
      expect(await open().send(mail({ to }))).toMatchObject({ kind: 'refused' });
    expect(await arrived('eve@example.org')).toEqual([]);
  });

  it('says whether it could send', async () => {
    await open().ping();
  });

  it('takes many at once', async () => {
    const to = `many-${randomUUID()}@example.org`;
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => open().send(mail({ to }))));
    expect(outcomes).toEqual(Array.from({ length: 20 }, () => ({ kind: 'sent' })));
    expect(await arrived(to)).toHaveLength(20);
  });
};
