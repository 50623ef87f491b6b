// What no schema of single values can say: URLs that fit their adapter, lists, and settings that need each other.
import { accessSync, constants } from 'node:fs';
import { badAllowances } from '../ports/outbound/allowed.ts';
import { documentationOf, type VariableName, type Variables } from './config-variables.ts';

export type ConfigProblem = { name: string; problem: string; fix: string };

export const checkVariables = (variables: Variables): ConfigProblem[] => [
  ...urlProblems(variables),
  ...listProblems(variables),
  ...togetherProblems(variables),
  ...mailProblems(variables),
  ...publicProblems(variables),
  ...fileProblems(variables),
];

const protocols = {
  MYSQL_URL: ['mysql:', 'mariadb:'],
  REDIS_URL: ['redis:', 'rediss:'],
  ELASTICSEARCH_URL: ['http:', 'https:'],
  S3_ENDPOINT: ['http:', 'https:'],
  S3_PUBLIC_URL: ['http:', 'https:'],
  SMTP_URL: ['smtp:', 'smtps:'],
  PUBLIC_URL: ['http:', 'https:'],
} satisfies Partial<Record<VariableName, string[]>>;

const urlProblems = (variables: Variables): ConfigProblem[] =>
  (Object.keys(protocols) as (keyof typeof protocols)[]).flatMap((name) => {
    const value = variables[name];
    if (value === undefined) return [];
    const url = parseUrl(value);
    const fix = documentationOf(name).description;
    if (!url) return [{ name, problem: 'is not a URL', fix }];
    if (!protocols[name].includes(url.protocol))
      return [
        {
          name,
          problem: `begins with ${url.protocol}`,
          fix: `Begin it with ${protocols[name].join(' or ')}//`,
        },
      ];
    if (name === 'MYSQL_URL' && url.pathname.length < 2)
      return [{ name, problem: 'names no database', fix: 'End it with /chatvui or the name of yours' }];
    if (name === 'PUBLIC_URL' && url.pathname !== '/')
      return [{ name, problem: 'has a path', fix: `Serve the product at the root of a host: ${url.origin}` }];
    return [];
  });

const listProblems = (variables: Variables): ConfigProblem[] => {
  const brokers = listOf(variables.KAFKA_BROKERS).filter((broker) => !isHostAndPort(broker));
  const origins = listOf(variables.ALLOWED_ORIGINS).filter((origin) => parseUrl(origin)?.origin !== origin);
  const fixOrigin = (origin: string) => parseUrl(origin)?.origin ?? 'https://chat.example.org';
  return [
    ...brokers.map((broker) => ({
      name: 'KAFKA_BROKERS',
      problem: `has "${broker}", which is not host:port`,
      fix: 'Write it like broker-1:9092,broker-2:9092',
    })),
    ...origins.map((origin) => ({
      name: 'ALLOWED_ORIGINS',
      problem: `has "${origin}", which is not an origin`,
      fix: `Write scheme and host only, such as ${fixOrigin(origin)}`,
    })),
    ...badAllowances(listOf(variables.OUTBOUND_ALLOW)).map((entry) => ({
      name: 'OUTBOUND_ALLOW',
      problem: `has "${entry}", which is neither a host, an address nor a range`,
      fix: 'Write it like hooks.inner.example.org,10.1.2.3:8080,10.2.0.0/16,[fd00::1]:8080',
    })),
    ...(variables.TRUST_PROXY === 'on'
      ? [
          {
            name: 'TRUST_PROXY',
            problem: 'is on, which would believe anybody about their own address',
            fix: 'Say how many proxies are in front (1), or their addresses (10.0.0.0/8)',
          },
        ]
      : []),
  ];
};

const realNames = ['KAFKA_BROKERS', 'MYSQL_URL', 'REDIS_URL'] as const;
const s3Names = ['S3_ENDPOINT', 'S3_BUCKET', 'S3_ACCESS_KEY', 'S3_SECRET_KEY'] as const;
const tlsNames = ['TLS_CERT', 'TLS_KEY'] as const;

const togetherProblems = (variables: Variables): ConfigProblem[] => [
  ...allOrNone(variables, realNames, 'for the real stack', 'for the embedded one'),
  ...allOrNone(variables, s3Names, 'to keep media in S3', 'to keep them in DATA_DIR'),
  ...allOrNone(variables, tlsNames, 'to speak TLS', 'to speak plain HTTP'),
];

const allOrNone = (
  variables: Variables,
  names: readonly VariableName[],
  toDo: string,
  notToDo: string,
): ConfigProblem[] => {
  const set = names.filter((name) => variables[name] !== undefined);
  if (set.length === 0 || set.length === names.length) return [];
  const missing = names.filter((name) => variables[name] === undefined);
  return missing.map((name) => ({
    name,
    problem: `is missing while ${set.join(' and ')} ${set.length > 1 ? 'are' : 'is'} set`,
    fix: `Set ${missing.join(' and ')} as well ${toDo}, or unset ${set.join(' and ')} ${notToDo}`,
  }));
};

const mailProblems = ({ SMTP_URL, MAIL_FROM, PUBLIC_URL }: Variables): ConfigProblem[] => {
  const server = parseUrl(SMTP_URL ?? '');
  const isElsewhere =
    server?.protocol.startsWith('smtp') === true && !/^(localhost|127\.|\[::1\])/.test(server.hostname);
  return [
    ...(isElsewhere && PUBLIC_URL === undefined
      ? [
          {
            name: 'PUBLIC_URL',
            problem: 'is missing while SMTP_URL is set',
            fix: 'Set it to where people reach the product: links in mails lead there',
          },
        ]
      : []),
    ...(MAIL_FROM !== undefined && senderOf(MAIL_FROM) === null
      ? [
          {
            name: 'MAIL_FROM',
            problem: `is "${MAIL_FROM}", which is not whom a mail can be from`,
            fix: 'Write it like chat@example.org or ChatVui <chat@example.org>',
          },
        ]
      : []),
  ];
};

const publicProblems = ({ S3_PUBLIC_URL, S3_ENDPOINT }: Variables): ConfigProblem[] =>
  S3_PUBLIC_URL !== undefined && S3_ENDPOINT === undefined
    ? [
        {
          name: 'S3_PUBLIC_URL',
          problem: 'is set without a store',
          fix: 'Set S3_ENDPOINT and what belongs to it, or unset it',
        },
      ]
    : [];

const fileProblems = (variables: Variables): ConfigProblem[] =>
  tlsNames.flatMap((name) => {
    const file = variables[name];
    if (file === undefined || isReadable(file)) return [];
    return [
      {
        name,
        problem: `names ${file}, which cannot be read`,
        fix: 'Correct the path or the rights of the file',
      },
    ];
  });

const isReadable = (file: string): boolean => {
  try {
    accessSync(file, constants.R_OK);
    return true;
  } catch {
    return false;
  }
};

/** `Name <address>` or the address alone. */
export const senderOf = (value: string): { name: string; address: string } | null => {
  const address = '[^\\s<>@,;:"()]+@[^\\s<>@,;:"()]+';
  const parts = new RegExp(`^(?:"?([^"<>\\p{Cc}]*?)"?\\s*<(${address})>|(${address}))$`, 'u').exec(value);
  return parts && { name: parts[1]?.trim() ?? '', address: (parts[2] ?? parts[3]) as string };
};

export const parseUrl = (value: string): URL | null => (URL.canParse(value) ? new URL(value) : null);

const isHostAndPort = (value: string): boolean => {
  const port = Number(/^[^\s/@,]+:(\d{1,5})$/.exec(value)?.[1]);
  return port >= 1 && port <= 65535;
};

export const listOf = (value: string | undefined): string[] =>
  (value ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
