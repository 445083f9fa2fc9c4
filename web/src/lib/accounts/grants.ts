import { dayEnd, today } from '#lib/format.ts';
import type { Grant, NewGrant, Role, UnitRef } from '#lib/api/types.ts';

/** One line of the grants editor, before it is complete. */
export interface Line {
	key: string;
	role: Role;
	unit: UnitRef | null;
	until: string;
}

export const newLine = (role: Role = 'commune_station'): Line => ({ key: crypto.randomUUID(), role, unit: null, until: '' });

export const linesOf = (grants: Grant[]): Line[] =>
	grants.map((g) => ({ key: crypto.randomUUID(), role: g.role, unit: g.unit, until: g.until ? today(new Date(g.until)) : '' }));

/** The lines as the server takes them; `null` while one lacks its area. */
export function grantsOf(lines: Line[]): NewGrant[] | null {
	const out: NewGrant[] = [];
	for (const line of lines) {
		if (!line.unit) return null;
		out.push({ role: line.role, unit_id: line.unit.id, ...(line.until ? { until: dayEnd(line.until) } : {}) });
	}
	return out;
}
