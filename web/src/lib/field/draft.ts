// A tube being filled: whose swabs are in it, and whom they stand for. The phone warns at once; the server decides by its own rules.

import type { Assay, HamletPlan, SentAdded, SentWhat } from '#lib/api/types.ts';
import type { Person, Standing } from './list.ts';
import type { Tube } from './scan.ts';

export type IdentifiedBy = 'cccd' | 'bhyt' | 'national_qr' | 'appointment' | 'search' | 'list' | 'on_the_spot';
type Household = { household: string } | { group: string };

export interface Stands {
	for: Household;
	unit: number;
	/** Who lives there now besides the donor, ticked by name. */
	members: Person[];
	/** How many live there now, the donor among them, as counted aloud. */
	present: number;
}
export interface DraftDonor {
	person: Person;
	by: IdentifiedBy;
	added?: SentAdded;
	stands: Stands | null;
}
export interface Draft {
	tube: Tube;
	/** When the tube was scanned, by the corrected clock, milliseconds. */
	at: number;
	donors: DraftDonor[];
	/** Specimen of the same visit that this tube is to confirm. */
	follows?: string;
	/** Entered later from paper: the time written there. */
	writtenAt?: string;
}

/** Why somebody cannot go into this tube, or should be looked at first. */
export type Doubt = 'twice' | 'full' | 'collected' | 'exempt';

export function doubt(draft: Draft, person: Person, most: number, standing: Standing | undefined): Doubt | null {
	if (draft.donors.some((d) => d.person.person_id === person.person_id)) return 'twice';
	if (draft.donors.length >= most) return 'full';
	if (standing?.reach === 'collected' && !draft.follows) return 'collected';
	if (standing?.reach === 'exempt') return 'exempt';
	return null;
}
/** What nobody may wave through. */
export const isFinal = (d: Doubt): boolean => d === 'twice' || d === 'full';

/** Swabs to one tube by the plan: only pooling at the site puts several together. */
export function room(plan: HamletPlan, assay: Assay | undefined): number {
	const kit = assay?.most_donors ?? 1;
	return plan.pooling === 'swab' ? Math.min(plan.pool_size, kit) : 1;
}

/** The others of the household or group a donor would stand for; null where the plan swabs everybody. */
export function others(plan: HamletPlan, person: Person, people: Person[]): { for: Household; people: Person[] } | null {
	if (plan.whom === 'household_representatives' && person.household_id) {
		const household = person.household_id;
		return { for: { household }, people: people.filter((p) => p.household_id === household && p.person_id !== person.person_id) };
	}
	if (plan.whom === 'group_representatives' && person.group_id) {
		const group = person.group_id;
		return { for: { group }, people: people.filter((p) => p.group_id === group && p.person_id !== person.person_id) };
	}
	return null;
}

/** Who may be ticked: nobody whose risk is their own, nobody whose swab is in this tube or was taken before. */
export function mayTick(draft: Draft, person: Person, standing: Standing | undefined): 'barred' | 'donor' | null {
	if (person.barred) return 'barred';
	if (draft.donors.some((d) => d.person.person_id === person.person_id) || standing?.reach === 'collected') return 'donor';
	return null;
}

/** The event that the filled tube is. */
export function collected(draft: Draft, plan: HamletPlan, assay: string, now: number): { what: SentWhat; names: Record<string, string> } {
	const names: Record<string, string> = {};
	const donors = draft.donors.map(({ person, by, added, stands }) => {
		names[person.person_id] = person.name;
		for (const m of stands?.members ?? []) names[m.person_id] = m.name;
		return {
			person: person.person_id,
			...(added && { added }),
			identified_by: by,
			...(stands && { stands_for: { ...stands.for, unit: stands.unit, present: stands.present, members: stands.members.map((m) => ({ person: m.person_id, ...(m.added && { added: m.added }) })) } })
		};
	});
	const what: SentWhat = {
		kind: 'collected',
		tube: draft.tube,
		unit: plan.unit_id,
		assay,
		donors,
		...(draft.follows && { follows: draft.follows }),
		...(draft.writtenAt && { written_at: draft.writtenAt }),
		seconds: Math.max(0, Math.round((now - draft.at) / 1000))
	};
	return { what, names };
}
