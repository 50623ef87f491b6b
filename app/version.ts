// The product's version, as package.json beside the sources and beside dist/ says it.
import { readFileSync } from 'node:fs';

const read = (): string => {
  try {
    const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
    return String((JSON.parse(text) as { version?: unknown }).version ?? 'unknown');
  } catch {
    return 'unknown';
  }
};

export const productVersion = read();
