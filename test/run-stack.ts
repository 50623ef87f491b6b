// The real servers that several steps share: brought up once, in the background, taken down at the end.
type Stack = { env: Record<string, string>; down(): Promise<void> };
type StackModule = {
  startStack(options: {
    name: string;
    services: ('kafka' | 'mysql' | 'redis' | 'elasticsearch' | 'smtp' | 's3')[];
    brokers: number;
    freePorts: boolean;
  }): Promise<Stack>;
};

export type SharedStack = Stack | { missing: string; down(): Promise<void> };

const names = [
  'KAFKA_BROKERS',
  'MYSQL_URL',
  'REDIS_URL',
  'ELASTICSEARCH_URL',
  'SMTP_URL',
  'SMTP_SINK_URL',
  'S3_ENDPOINT',
  'S3_BUCKET',
  'S3_ACCESS_KEY',
  'S3_SECRET_KEY',
];

export const startSharedStack = async (): Promise<SharedStack> => {
  // Servers that the caller has already.
  if (names.every((name) => process.env[name])) {
    const env = Object.fromEntries(names.map((name) => [name, process.env[name] ?? '']));
    return { env, down: async () => {} };
  }
  const started = performance.now();
  try {
    const { startStack } = (await import('../stack/index.ts' as string)) as StackModule;
    const stack = await startStack({
      name: 'test',
      services: ['kafka', 'mysql', 'redis', 'elasticsearch', 'smtp', 's3'],
      brokers: 1,
      freePorts: true,
    });
    console.log(`(the real stack is up after ${Math.round((performance.now() - started) / 1000)} s)`);
    return once(stack);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { missing: `no real stack (${reason})`, down: async () => {} };
  }
};

const once = (stack: Stack): Stack => {
  let downed: Promise<void> | undefined;
  return {
    env: stack.env,
    down: () => {
      downed ??= stack.down();
      return downed;
    },
  };
};
