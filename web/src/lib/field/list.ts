// Who was reached, as this phone knows it: what the server said when the list was fetched, and what happened here since.

import { fold } from '#lib/format.ts';
import type { RegisterPerson, SentWhat } from '#lib/api/types.ts';

export type Person = RegisterPerson;
export type Reach = 'collected' | 'represented' | 'absent' | 'refused' | 'exempt' | 'removed';

/** An event of this phone as it remembers it. */
export interface Entry {
	seq: number;
	id: string;
	/** By the corrected clock, milliseconds. */
	at: number;
	what: SentWhat;
	/** Names of the people it is about, by their ids. */
	names: Record<string, string>;
	/** The server has it. */
	arrived: boolean;
	/** What the server says cannot be so about it. */
	problems: string[];
}
export interface Standing {
	reach: Reach;
	reason: string | null;
	/** True: recorded on this phone. */
	here: boolean;
}

/** Specimens of this phone that were taken back. */
export function voided(journal: Entry[]): Set<string> {
	return new Set(journal.flatMap((e) => (e.what.kind === 'voided' ? [e.what.specimen] : [])));
}

/** How far each person was reached; whoever is not in it was not reached yet. A swab says most, then what ends the looking,
    then being represented, then the latest visit. */
export function standings(people: Person[], journal: Entry[]): Map<string, Standing> {
	const gone = voided(journal);
	const found = new Map<string, Standing>();
	for (const p of people) {
		if (p.reach && !(p.specimen_id && gone.has(p.specimen_id))) found.set(p.person_id, { reach: p.reach as Reach, reason: p.reason ?? null, here: false });
		else if (p.expected === 'exempt') found.set(p.person_id, { reach: 'exempt', reason: null, here: false });
	}
	const weight: Record<Reach, number> = { collected: 4, removed: 3, exempt: 3, represented: 2, absent: 1, refused: 1 };
	const say = (person: string, standing: Standing) => {
		const before = found.get(person);
		if (!before || weight[standing.reach] >= weight[before.reach]) found.set(person, standing);
	};
	for (const { id, what } of [...journal].sort((a, b) => a.at - b.at || a.seq - b.seq)) {
		if (what.kind === 'visited') say(what.person, { reach: what.reach, reason: what.reason, here: true });
		if (what.kind !== 'collected' || gone.has(id)) continue;
		for (const donor of what.donors) {
			say(donor.person, { reach: 'collected', reason: null, here: true });
			for (const member of donor.stands_for?.members ?? []) say(member.person, { reach: 'represented', reason: null, here: true });
		}
	}
	return found;
}

/** Live tubes of this phone, the latest first. */
export function tubes(journal: Entry[]): Entry[] {
	const gone = voided(journal);
	return journal.filter((e) => e.what.kind === 'collected' && !gone.has(e.id)).sort((a, b) => b.seq - a.seq);
}

/** People whose name holds every word typed, whatever its diacritics; a number alone looks for the year of birth too. */
export function search(people: Person[], typed: string, most = 12): Person[] {
	const words = fold(typed).split(' ').filter(Boolean);
	if (words.length === 0) return [];
	const hits: Person[] = [];
	for (const p of people) {
		const hay = ` ${fold(p.name)} ${p.birth_year} ${p.id_tail ?? ''} ${fold(p.address)}`;
		if (words.every((w) => hay.includes(` ${w}`))) hits.push(p);
		if (hits.length === most) break;
	}
	return hits;
}

export interface Household {
	id: string;
	address: string;
	people: Person[];
}
/** The list by household, in walking order. */
export function households(people: Person[]): Household[] {
	const found = new Map<string, Household>();
	for (const p of people) {
		const id = p.household_id ?? p.person_id;
		const household = found.get(id) ?? { id, address: p.address, people: [] };
		household.people.push(p);
		found.set(id, household);
	}
	return [...found.values()];
}
