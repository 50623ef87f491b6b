// Mail as it leaves the product: one text to one address.

export type Mail = {
  /**
   * Without angle brackets, `<what it is>@<host>`. The same mail has the same one however often it is sent, so that whoever
   * gets it twice sees that it is one.
   */
  messageId: string;
  to: string;
  subject: string;
  text: string;
  html: string;
  /** Ids of mails before it in the same thread, oldest first. */
  references?: string[];
  /** Answers a POST without a sign-in (RFC 8058). */
  unsubscribeUrl?: string;
};

/** `refused`: the address does not take mail, and will not take it if it is tried again. `reason` is what the server said. */
export type MailOutcome = { kind: 'sent' } | { kind: 'refused'; reason: string };

export interface Mailer {
  /**
   * Resolves once somebody else is answerable for the mail: the mail server, or the disk. Throws OutsideError:
   * `mail_unavailable` (retry later: it may have been taken all the same, so repeat with the same `messageId`) or
   * `mail_not_allowed` (retry never: the server does not let us in, or not send as whom we say).
   */
  send(mail: Mail): Promise<MailOutcome>;
  /** Resolves when a mail could be sent now; throws as `send` does. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export type Sender = { name: string; address: string };
