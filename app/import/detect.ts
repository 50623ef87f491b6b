// Which format a file has, by what is in it.
import { open } from 'node:fs/promises';
import { fileStream, isObject, linesOf } from './formats/lines.ts';
import { mattermostFileIn, mattermostSource } from './formats/mattermost.ts';
import { isSlack, slackSource } from './formats/slack.ts';
import { BadSource, type FormatOptions, type Source } from './formats/source.ts';
import { whatsappFileIn, whatsappSource } from './formats/whatsapp.ts';
import { stampOf } from './formats/whatsapp-dates.ts';
import { Zip } from './formats/zip.ts';

export const foreignFormats: Record<'slack' | 'mattermost' | 'whatsapp', (options: FormatOptions) => Source> =
  {
    slack: slackSource,
    mattermost: mattermostSource,
    whatsapp: whatsappSource,
  };
/** `jsonl`: one message a line. `chatvui`: our own export. */
export const formatNames = ['chatvui', 'jsonl', 'slack', 'mattermost', 'whatsapp'] as const;
export type FormatName = (typeof formatNames)[number];

const linesLookedAt = 50;

export const detectFormat = async (file: string): Promise<FormatName> => {
  const format = (await isZip(file)) ? await inZip(file) : await inText(file);
  if (format) return format;
  throw new BadSource(
    `it is in no format that is known here. Say which with --format: ${formatNames.join(', ')}`,
  );
};

const isZip = async (file: string): Promise<boolean> => {
  const handle = await open(file, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer.toString('latin1') === 'PK';
  } finally {
    await handle.close();
  }
};

const inZip = async (file: string): Promise<FormatName | null> => {
  const zip = await Zip.open(file);
  try {
    if (isSlack(zip.names)) return 'slack';
    if (mattermostFileIn(zip.names)) return 'mattermost';
    return whatsappFileIn(zip.names) ? 'whatsapp' : null;
  } finally {
    zip.close();
  }
};

const inText = async (file: string): Promise<FormatName | null> => {
  for await (const { text, number } of linesOf(fileStream(file))) {
    if (number > linesLookedAt) return null;
    if (text.trim() === '') continue;
    if (stampOf(text)) return 'whatsapp';
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      // A line of the history that takes JSON lines is told wrong by who reads it.
      return text.startsWith('{') ? 'jsonl' : null;
    }
    if (!isObject(value)) return null;
    if (value.chatvui !== undefined) return 'chatvui';
    return value.type === 'version' ? 'mattermost' : 'jsonl';
  }
  return null;
};
