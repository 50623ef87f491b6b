// A small workspace as Slack exports it, made by hand.

const at = (iso: string): string => `${Date.parse(iso) / 1000}.000100`;

export const slackFiles = (): Record<string, string> => ({
  'users.json': JSON.stringify([
    { id: 'U1', name: 'an', profile: { display_name: '' } },
    { id: 'U2', name: 'b', profile: { display_name: 'bình' } },
  ]),
  'channels.json': JSON.stringify([{ id: 'C1', name: 'general', members: ['U1', 'U2'] }]),
  'groups.json': JSON.stringify([{ id: 'G1', name: 'secret', members: ['U1'] }]),
  'dms.json': JSON.stringify([{ id: 'D1', members: ['U1', 'U2'] }]),
  'general/2024-01-02.json': JSON.stringify([
    {
      type: 'message',
      subtype: 'channel_join',
      user: 'U2',
      ts: at('2024-01-02T03:00:00Z'),
      text: '<@U2> has joined',
    },
    {
      type: 'message',
      user: 'U2',
      ts: at('2024-01-02T05:00:00Z'),
      thread_ts: at('2024-01-02T03:04:05Z'),
      parent_user_id: 'U1',
      text: 'trả lời',
    },
    {
      type: 'message',
      user: 'U1',
      ts: at('2024-01-02T03:04:05Z'),
      thread_ts: at('2024-01-02T03:04:05Z'),
      text: 'chào <@U2>, see <#C1|general> &amp; <https://x.org/?a=1&amp;b=2|docs> &lt;b&gt;',
      edited: { user: 'U1', ts: `${Date.parse('2024-01-02T04:00:00Z') / 1000}.000000` },
      reactions: [
        { name: '+1', users: ['U2'], count: 1 },
        { name: 'own_emoji', users: ['U1', 'U2'], count: 2 },
      ],
    },
    {
      type: 'message',
      subtype: 'tombstone',
      user: 'U2',
      ts: at('2024-01-02T06:00:00Z'),
      text: 'This message was deleted.',
    },
    {
      type: 'message',
      subtype: 'channel_topic',
      user: 'U1',
      ts: at('2024-01-02T07:00:00Z'),
      text: 'set the topic',
    },
  ]),
  'general/2024-01-03.json': JSON.stringify([
    {
      type: 'message',
      subtype: 'bot_message',
      bot_id: 'B9',
      username: 'Bot & co',
      ts: at('2024-01-03T00:00:00Z'),
      text: '',
      attachments: [{ fallback: 'built' }],
    },
    {
      type: 'message',
      user: 'U1',
      ts: at('2024-01-03T01:00:00Z'),
      text: '',
      files: [{ name: 'a.png', mimetype: 'image/png', url_private: 'https://files/a' }],
    },
  ]),
  'secret/2024-01-02.json': JSON.stringify([
    { type: 'message', user: 'U1', ts: at('2024-01-02T01:00:00Z'), text: 'only here' },
  ]),
  'D1/2024-01-02.json': JSON.stringify([
    { type: 'message', user: 'U2', ts: at('2024-01-02T02:00:00Z'), text: 'just us' },
  ]),
});
