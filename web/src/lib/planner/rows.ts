import type { Unit } from '#lib/api/types.ts';
import { fromCsv } from '#lib/csv.ts';
import { fold } from '#lib/format.ts';

/** One commune as it is typed: text, so that nothing typed is lost before it is right. */
export interface Row {
	unitId: number;
	code: string;
	name: string;
	specimens: string;
	size: string;
	tested: string;
	positive: string;
	/** Where swabs are put together: in the laboratory, or at the site. */
	pooling: 'media' | 'swab';
}

export const MOST_ROWS = 400;

/** `1.800`, `1 800`, `1,800` and `1800` are one number; anything else is none. */
export function whole(text: string): number | null {
	const bare = text.trim();
	if (/^\d{1,9}$/.test(bare)) return Number(bare);
	return /^\d{1,3}([.,\u00a0\u202f ]\d{3})+$/.test(bare) ? Number(bare.replace(/\D/g, '')) : null;
}

export type CellError = 'commune' | 'ambiguous' | 'twice' | 'number' | 'pools' | 'more' | 'pooling';
export interface SheetError {
	/** From 1, the head not counted. */
	row: number;
	column: 'commune' | 'specimens' | 'size' | 'tested' | 'positive' | 'pooling';
	error: CellError;
	value: string;
}

const HEADS = new Set(['xa', 'commune', 'ma xa', 'ma', 'code', 'ten xa', 'name', 'don vi']);
const KIND = /^(xa|phuong|thi tran) /;
const SWAB = new Set(['swab', 'que', 'gop que', 'on site', 'at the site', 'tai diem lay mau']);
const MEDIA = new Set(['', 'media', 'mau', 'gop mau', 'gop dich', 'laboratory', 'in the laboratory', 'tai phong xet nghiem']);

/** Reads a sheet: commune (name or code), specimens, pool size, pools, positive, where pooled. All of it, or the errors of all rows. */
export function rowsOfSheet(text: string, communes: readonly Unit[]): { rows: Row[]; errors: SheetError[] } {
	const lines = fromCsv(text);
	const body = HEADS.has(fold(lines[0]?.[0] ?? '')) ? lines.slice(1) : lines;
	const byName = new Map<string, Unit[]>();
	for (const unit of communes) {
		for (const name of new Set([fold(unit.name), fold(unit.name).replace(KIND, '')])) byName.set(name, [...(byName.get(name) ?? []), unit]);
	}
	const byCode = new Map(communes.map((unit) => [unit.code, unit]));
	const rows: Row[] = [];
	const errors: SheetError[] = [];
	const seen = new Set<number>();
	body.forEach((cells, index) => {
		const [commune = '', specimens = '', size = '', tested = '', positive = '', where = ''] = cells;
		const bad = (column: SheetError['column'], error: CellError, value: string) => errors.push({ row: index + 1, column, error, value });
		const named = byName.get(fold(commune)) ?? byName.get(fold(commune).replace(KIND, '')) ?? [];
		const unit = byCode.get(commune) ?? (named.length === 1 ? named[0] : undefined);
		if (!unit) bad('commune', named.length > 1 ? 'ambiguous' : 'commune', commune);
		else if (seen.has(unit.id)) bad('commune', 'twice', commune);
		else seen.add(unit.id);
		if (!whole(specimens)) bad('specimens', 'number', specimens);
		const pools = { size, tested, positive };
		const given = Object.values(pools).filter((v) => v !== '').length;
		if (given > 0 && given < 3) bad(size === '' ? 'size' : tested === '' ? 'tested' : 'positive', 'pools', '');
		if (given === 3) {
			for (const column of ['size', 'tested', 'positive'] as const) if (whole(pools[column]) === null) bad(column, 'number', pools[column]);
			if ((whole(positive) ?? 0) > (whole(tested) ?? Infinity)) bad('positive', 'more', positive);
		}
		const swab = SWAB.has(fold(where));
		if (!swab && !MEDIA.has(fold(where))) bad('pooling', 'pooling', where);
		if (unit) rows.push({ unitId: unit.id, code: unit.code, name: unit.name, specimens, size, tested, positive, pooling: swab ? 'swab' : 'media' });
	});
	return { rows: errors.length > 0 ? [] : rows, errors };
}
