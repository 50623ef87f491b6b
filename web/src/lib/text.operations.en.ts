// The words of the operations page, loaded with it.
import type { OperationsProblem } from '../../../schemas/operations.ts';

type Remedies = Record<
  OperationsProblem['code'],
  { title: (subject: string, count: number) => string; remedy: string }
>;

const problems: Remedies = {
  server_away: {
    title: (subject) => `${subject} does not answer`,
    remedy:
      'Look whether that server runs and can be reached from here. What waits for it goes on by itself.',
  },
  gateway_closed: {
    title: (subject) => `The gateway ${subject} takes no messages`,
    remedy:
      'It does not hear the event log. Look at the log first; if that is well, start the gateway again.',
  },
  gateway_missing: {
    title: () => 'No gateway reports',
    remedy:
      'Gateways report through the database: look whether it answers, and whether their clocks are right.',
  },
  partition_stopped: {
    title: (subject, count) =>
      count === 1
        ? `One partition of ${subject} has stopped`
        : `${count} partitions of ${subject} have stopped`,
    remedy:
      'An event is in the way. Look into it below. Deploy code that understands it, or give up this one event; nothing else is lost.',
  },
  partition_unowned: {
    title: (subject, count) =>
      count === 1
        ? `Nobody works on one partition of ${subject}`
        : `Nobody works on ${count} partitions of ${subject}`,
    remedy: 'Start a process for it: chatvui consume and its name. It goes on where it stood.',
  },
  partition_retrying: {
    title: (subject) => `${subject} waits for something and tries again`,
    remedy: 'Usually a server that is away. It goes on by itself when that is back.',
  },
  projection_behind: {
    title: (subject) => `${subject} is behind`,
    remedy: 'If the number does not fall, start another process for it, or look at its database.',
  },
  versions_differ: {
    title: (subject) => `Different versions run: ${subject}`,
    remedy: 'Fine during an upgrade. Replace those that read before those that write.',
  },
  disk_low: {
    title: () => 'The disk is almost full',
    remedy: 'Make room where DATA_DIR lies. When it is full, nothing can be sent.',
  },
};

export const operationsEn = {
  title: 'Operations',
  allWorks: 'Everything works',
  someTrouble: (count: number) => (count === 1 ? 'One thing needs you' : `${count} things need you`),
  asOf: (time: string) => `As of ${time}`,
  stale: 'The server did not answer the last question; this is what was known before.',
  problems,
  projections: 'Projections',
  projectionsHint: 'Each reads the log at its own pace. Lag is how many events it has not applied yet.',
  lag: 'Lag',
  rate: (rate: string) => `${rate}/s`,
  lagOver: (name: string, now: string) => `Lag of ${name} over the last minutes, now ${now}`,
  partition: 'Partition',
  position: 'Position',
  owner: 'Process',
  state: 'State',
  states: { running: 'running', retrying: 'waiting', stopped: 'stopped', nobody: 'nobody works on it' },
  besideBegun: (percent: string, applied: string, end: string) =>
    `A copy is being made anew beside it: ${percent}, ${applied} of ${end} events`,
  besideOld: (command: string) => `What the last rebuild put aside is kept until ${command}`,
  servers: 'Servers',
  serverOk: (ms: string) => `${ms} ms`,
  serverAway: 'does not answer',
  processes: 'Processes',
  sockets: (count: number) => (count === 1 ? '1 open connection' : `${count} open connections`),
  gateway: 'Gateway',
  silent: (ms: string) => `log heard ${ms} ms ago`,
  since: (time: string) => `since ${time}`,
  diskFree: (free: string, total: string) => `${free} of ${total} free on the disk`,
  versions: 'Versions',
  product: 'ChatVui',
  eventTypes: (count: number) => `${count} kinds of events`,
  deadLetters: 'Dead letters',
  deadLettersHint: 'Events that changed nothing: not allowed at their place (void), or given up by somebody.',
  noDeadLetters: 'None.',
  kinds: { all: 'All', void: 'Void', skipped: 'Given up' },
  /** Why an event is void, by the code of the refusal. */
  reasons: {
    not_a_member: 'its writer was no member at that place',
    not_an_admin: 'its writer was no admin at that place',
    not_the_sender: 'its writer had not sent that message',
    not_allowed: 'its writer was not allowed to',
    not_found: 'what it was about was not there',
    deleted: 'what it was about had been deleted',
    conflict: 'something else had been changed first',
  } as Record<string, string>,
  show: 'Show',
  more: 'More',
  inspect: 'Look into it',
  skip: 'Give it up',
  retry: 'Try again',
  append: 'Write again',
  event: 'Event',
  eventNote: 'It may hold a message. That you looked is in the server’s log.',
  bytes: (count: number) => `${count} bytes`,
  loggedAt: 'In the log since',
  unreadable: 'Why it cannot be read',
  confirm: {
    skip: {
      title: 'Give this event up?',
      body: 'What it says will be missing from this projection for good. It is kept among the dead letters, where it can be written again. Everything after it goes on.',
      go: 'Give it up',
    },
    append: {
      title: 'Write this event again?',
      body: 'It is appended to the log as it is and decided anew at its new place: what is not allowed there is void again.',
      go: 'Write again',
    },
  },
  cancel: 'Cancel',
  orders: {
    waiting: (kind: string) => `${kind}: waits to be carried out`,
    done: (kind: string) => `${kind}: done`,
    failed: (kind: string) => `${kind}: it did not work`,
  },
  by: (name: string) => `by ${name}`,
  terminal: 'the terminal',
  ordered: 'Ordered. The process that owns the partition does it within seconds.',
  admins: 'Instance admins',
  adminsHint: 'They see this page. They do not see conversations that they are not in.',
  grant: 'Add somebody',
  revoke: 'Remove',
  reallyRevoke: 'Really remove?',
  you: 'you',
};
