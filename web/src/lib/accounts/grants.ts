import { dayEnd, today } from '#lib/format.ts';
import type { Grant, NewGrant, Over, Role, UnitRef } from '#lib/api/types.ts';

/** An organisation or a laboratory. */
export interface Place {
	id: number | string;
	name: string;
}

/** The first unit over which a role is held. */
export const ownUnit = (grants: Grant[] = []): UnitRef | null => grants.map((g) => g.over).find((over) => over.kind === 'area') ?? null;

/** One line of the grants editor, before it is complete. */
export interface Line {
	key: string;
	role: Role;
	/** The area, where the role is held over one. */
	unit: UnitRef | null;
	/** The organisation or laboratory, where the role is held over one. */
	place: Place | null;
	until: string;
}

export type OverKind = Exclude<Over['kind'], 'linked_persons'>;

/** What a role is held over; the server holds the same (`domain::access::fits`). */
export function overKind(role: Role): OverKind {
	if (role === 'organisation_manager' || role === 'sector_viewer') return 'organisation';
	return role === 'outside_lab' ? 'laboratory' : 'area';
}

export const newLine = (role: Role = 'commune_station'): Line => ({ key: crypto.randomUUID(), role, unit: null, place: null, until: '' });

export const linesOf = (grants: Grant[]): Line[] =>
	grants.map(({ role, over, until }) => ({
		key: crypto.randomUUID(),
		role,
		unit: over.kind === 'area' ? over : null,
		place: over.kind === 'organisation' || over.kind === 'laboratory' ? over : null,
		until: until ? today(new Date(until)) : ''
	}));

/** What a line's role is held over, once it is chosen. */
export const chosen = (line: Line): UnitRef | Place | null => (overKind(line.role) === 'area' ? line.unit : line.place);

/** The lines as the server takes them; `null` while one lacks its place. */
export function grantsOf(lines: Line[]): NewGrant[] | null {
	const out: NewGrant[] = [];
	for (const line of lines) {
		const place = chosen(line);
		if (!place) return null;
		const over = { kind: overKind(line.role), id: place.id } as Over;
		out.push({ role: line.role, over, ...(line.until ? { until: dayEnd(line.until) } : {}) });
	}
	return out;
}
