import type { IconName } from './icons';

/** Status is an icon and a word; the colour only helps. */
export type Status = 'ok' | 'warn' | 'bad' | 'note' | 'still';

export const STATUS: Record<Status, IconName> = { ok: 'ok', warn: 'warn', bad: 'bad', note: 'note', still: 'pause' };
