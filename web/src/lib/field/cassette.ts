// A rapid cassette on its clock: before the window nothing is read, after it nothing is read any more.

import type { Assay } from '#lib/api/types.ts';
import type { Entry } from './list.ts';
import { voided } from './list.ts';

export type Phase = { is: 'waiting'; seconds: number } | { is: 'readable'; seconds: number } | { is: 'over' };

/** Where the clock stands `now`, milliseconds, for drops put on at `drops`. `seconds`: until the phase ends. */
export function phase(drops: number, now: number, readAfter: number, readUntil: number): Phase {
	const passed = (now - drops) / 1000;
	if (passed < readAfter) return { is: 'waiting', seconds: Math.ceil(readAfter - passed) };
	if (passed <= readUntil) return { is: 'readable', seconds: Math.ceil(readUntil - passed) };
	return { is: 'over' };
}

/** What was seen. Without a control line nothing was measured. */
export type Outcome = 'negative' | 'presumptive' | 'invalid';
export const outcome = (control: boolean, test: boolean): Outcome => (!control ? 'invalid' : test ? 'presumptive' : 'negative');

export interface Cassette {
	entry: Entry;
	barcode: string;
	drops: number;
	read: Outcome | null;
	/** A positive has its PCR tube of the same visit. */
	confirmed: boolean;
}

/** Cassettes of this phone: those waiting longest first, read ones behind. */
export function cassettes(journal: Entry[], assays: Assay[]): Cassette[] {
	const rapid = new Set(assays.filter((a) => a.method === 'rapid_antigen').map((a) => a.id));
	const gone = voided(journal);
	const reads = new Map<string, Outcome>();
	const follows = new Set<string>();
	for (const { id, what } of journal) {
		if (what.kind === 'cassette_read') reads.set(what.specimen, outcome(what.control_line, what.test_line));
		if (what.kind === 'collected' && what.follows && !gone.has(id)) follows.add(what.follows);
	}
	const found: Cassette[] = [];
	for (const entry of journal) {
		const { what } = entry;
		if (what.kind !== 'collected' || !rapid.has(what.assay) || gone.has(entry.id)) continue;
		found.push({ entry, barcode: what.tube.barcode, drops: entry.at, read: reads.get(entry.id) ?? null, confirmed: follows.has(entry.id) });
	}
	const open = (c: Cassette) => Number(c.read !== null && (c.read !== 'presumptive' || c.confirmed));
	return found.sort((a, b) => open(a) - open(b) || a.drops - b.drops);
}
