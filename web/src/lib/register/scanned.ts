import type { Card } from '#lib/api/types.ts';

let card: Card | null = null;

/** A scanned card goes from the list to the form in memory: an address would keep the number in the history. */
export const hand = (scanned: Card): void => void (card = scanned);
export function take(): Card | null {
	const scanned = card;
	card = null;
	return scanned;
}
