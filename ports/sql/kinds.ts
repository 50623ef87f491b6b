// What a column `kind` says of somebody: one word more than the row has kinds, so that a query finds the bots.
import type { UserRow } from '../../schemas/rows.ts';

const bot = 'bot';

export const keptKind = ({ kind, isBot }: Pick<UserRow, 'kind' | 'isBot'>): string => (isBot ? bot : kind);

export const kindOf = (kept: string): Pick<UserRow, 'kind' | 'isBot'> =>
  kept === bot ? { kind: 'person', isBot: true } : { kind: kept as UserRow['kind'] };
