import type { Group, Organisation, OrganisationRef, UnitRef, Vehicle } from '#lib/api/types.ts';
import { filled } from '#lib/form.svelte.ts';
import { t } from '#lib/i18n/index.ts';

// What is typed about organisations, groups and vehicles, and the bodies that are sent of it. An empty text takes a value away.

export interface OrganisationTyped {
	kind: string;
	name: string;
	unit: UnitRef | null;
	address: string;
	taxCode: string;
	parent: OrganisationRef | null;
}
export const organisationTyped = (o?: Organisation, unit: UnitRef | null = null): OrganisationTyped => ({
	kind: o?.kind ?? 'enterprise',
	name: o?.name ?? '',
	unit: o ? unitRef(o.unit) : unit,
	address: o?.address ?? '',
	taxCode: o?.tax_code ?? '',
	parent: o?.parent ?? null
});
export const organisationBody = (typed: OrganisationTyped) => ({
	kind: typed.kind,
	name: typed.name,
	...(typed.unit ? { unit_id: typed.unit.id } : {}),
	address: typed.address,
	tax_code: typed.taxCode,
	parent_id: typed.kind === 'park' ? '' : (typed.parent?.id ?? '')
});

export interface GroupTyped {
	kind: string;
	name: string;
	unit: UnitRef | null;
	organisation: OrganisationRef | null;
	owner: { id: string; name: string } | null;
	percent: string;
}
export const groupTyped = (g?: Group, unit: UnitRef | null = null, organisation: OrganisationRef | null = null): GroupTyped => ({
	kind: g?.kind ?? 'boarding_row',
	name: g?.name ?? '',
	unit: g ? unitRef(g.unit) : unit,
	organisation: g ? (g.organisation ?? null) : organisation,
	owner: g?.owner ?? null,
	percent: String(g?.sample_percent ?? 100)
});

export const groupBody = (typed: GroupTyped) => ({
	kind: typed.kind,
	name: typed.name,
	...(typed.unit ? { unit_id: typed.unit.id } : {}),
	organisation_id: typed.organisation?.id ?? '',
	owner_id: typed.owner?.id ?? '',
	// What is no whole number is the server's to refuse, with its words.
	sample_percent: /^\d{1,3}$/.test(typed.percent.trim()) ? Number(typed.percent) : 0
});

export interface VehicleTyped {
	plate: string;
	kind: string;
	unit: UnitRef | null;
	organisation: OrganisationRef | null;
}
export const vehicleTyped = (v?: Vehicle, unit: UnitRef | null = null, organisation: OrganisationRef | null = null): VehicleTyped => ({
	plate: v?.plate ?? '',
	kind: v?.kind ?? 'truck',
	unit: v ? unitRef(v.unit) : unit,
	organisation: v ? (v.organisation ?? null) : organisation
});
export const vehicleBody = (typed: VehicleTyped) => ({
	plate: typed.plate,
	kind: typed.kind,
	...(typed.unit ? { unit_id: typed.unit.id } : {}),
	organisation_id: typed.organisation?.id ?? ''
});

/** The own checks of a form: what is named, and where it lies. */
export const named = (field: string, value: string, unit: UnitRef | null): Partial<Record<string, string | undefined>> => ({
	[field]: filled(value),
	unit_id: unit ? undefined : t().common.required
});

/** A unit as the picker shows one; its code and level are not needed to show a chosen one. */
function unitRef(unit: { id: number; name: string }): UnitRef {
	return { id: unit.id, name: unit.name, code: '', level: 'hamlet' };
}
