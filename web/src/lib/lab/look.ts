import type { Status } from '#lib/ui/status.ts';

/** How a reading, a run or an outcome looks; the word beside it says the same. */
export const READING: Record<string, Status> = { detected: 'bad', not_detected: 'ok', inconclusive: 'warn', invalid: 'warn' };
export const RUN_STATE: Record<string, Status> = { running: 'note', read: 'warn', released: 'ok', given_up: 'still' };
export const OUTCOME: Record<string, Status> = {
	none: 'still',
	awaiting: 'note',
	negative: 'ok',
	negative_pooled: 'ok',
	represented_negative: 'ok',
	unresolved: 'still',
	resample: 'warn',
	invalid: 'warn',
	inconclusive: 'warn',
	opened: 'warn',
	discordant: 'warn',
	held: 'bad',
	presumptive: 'bad',
	positive: 'bad'
};

/** Rows and columns of a plate. */
export function shape(plate: number): { rows: string[]; columns: number[] } {
	const [rows, columns] = plate === 384 ? [16, 24] : [8, 12];
	return {
		rows: Array.from({ length: rows }, (_, n) => String.fromCharCode(65 + n)),
		columns: Array.from({ length: columns }, (_, n) => n + 1)
	};
}

/** Wells down the columns, the way a multichannel pipette fills a plate. */
export function wellsDown(plate: number): string[] {
	const { rows, columns } = shape(plate);
	return columns.flatMap((column) => rows.map((row) => `${row}${column}`));
}

/** A map of wells out of pasted lines: a label goes to the next free well, "A5 label" to A5. */
export function layOut(lines: string[], plate: number, taken: string[]): { well: string; label: string }[] {
	const used = new Set(taken.map((well) => well.toUpperCase()));
	const placed = lines.map((line) => /^([A-Pa-p]\d{1,2})[\s;,]+(\S.*)$/.exec(line));
	for (const match of placed) if (match?.[1]) used.add(match[1].toUpperCase());
	const free = wellsDown(plate).filter((well) => !used.has(well));
	// More labels than wells: the server names the well that is not there.
	return lines.map((line, n) => {
		const match = placed[n];
		return match?.[1] && match[2] ? { well: match[1].toUpperCase(), label: match[2].trim() } : { well: free.shift() ?? `Z${n}`, label: line };
	});
}
