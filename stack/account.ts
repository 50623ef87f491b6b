// Servers do not run as root: Elasticsearch and MariaDB refuse to, the others need not.
import { execFile } from 'node:child_process';
import { chownSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const accountName = 'chatvui';

export const isRoot = process.getuid?.() === 0;

export type Account = { uid: number; gid: number };

let known: Promise<Account> | undefined;

/** The account of the servers, made when it is missing. Undefined where we are not root: they run as who we are. */
export const serverAccount = async (): Promise<Account | undefined> => {
  if (!isRoot) return undefined;
  known ??= find().catch(async () => {
    const flags = ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin'];
    // Another process may make it at the same moment, so only the second look counts.
    await run('useradd', [...flags, accountName]).catch(() => undefined);
    return find();
  });
  return known;
};

const find = async (): Promise<Account> => {
  const [uid, gid] = await Promise.all(['-u', '-g'].map((flag) => run('id', [flag, accountName])));
  return { uid: Number(uid?.stdout), gid: Number(gid?.stdout) };
};

/** Makes the folders and gives them and all below them to the servers' account. */
export const makeServerDirs = async (dir: string, subs: string[] = []): Promise<void> => {
  for (const sub of ['', ...subs]) mkdirSync(join(dir, sub), { recursive: true });
  const account = await serverAccount();
  if (account) give(dir, account);
};

const give = (dir: string, account: Account): void => {
  chownSync(dir, account.uid, account.gid);
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) give(path, account);
    else if (entry.isFile()) chownSync(path, account.uid, account.gid);
  }
};
