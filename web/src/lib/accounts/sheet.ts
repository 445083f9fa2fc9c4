import type { FieldError, TemporaryRow } from '#lib/api/types.ts';
import { fromCsv } from '#lib/csv.ts';
import { fold } from '#lib/format.ts';

export const MOST_ROWS = 500;

/** Messages by row (from 0, head not counted) and by field; `''` is the row as a whole. */
export type RowErrors = Map<number, Map<string, string>>;

const HEADS = new Set(['ho ten', 'ho va ten', 'name', 'full name']);

/** The rows of a sheet; a first line of column names is left out. */
export function rowsOfCsv(text: string): TemporaryRow[] {
	const lines = fromCsv(text);
	const body = HEADS.has(fold(lines[0]?.[0] ?? '')) ? lines.slice(1) : lines;
	return body.map(([name = '', role = '', unit_code = '', phone = '']) => ({ name, role, unit_code, phone }));
}

/** The server names rows as `rows[3].role` or `rows.3.role`. */
export function errorsByRow(errors: readonly FieldError[]): RowErrors {
	const out: RowErrors = new Map();
	for (const { field, message } of errors) {
		const found = /^rows\W*(\d+)\W*(.*)$/.exec(field);
		if (!found) continue;
		const at = Number(found[1]);
		const row = out.get(at) ?? new Map<string, string>();
		row.set(found[2] ?? '', message);
		out.set(at, row);
	}
	return out;
}
