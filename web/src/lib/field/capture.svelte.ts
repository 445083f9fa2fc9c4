// The queue: a tube, its people, the next tube. What a scan means depends only on whether a tube is in hand.

import { s } from '#lib/i18n/staff.ts';
import { collected, doubt, isFinal, others, room, type Doubt, type Draft, type IdentifiedBy, type Stands } from './draft.ts';
import { bad, good } from './feedback.ts';
import type { Person } from './list.ts';
import { readCard, readTube, type Card, type Tube } from './scan.ts';
import type { Shift } from './shift.svelte.ts';

/** A PCR tube asked for by a positive cassette of the same visit. */
export interface Link {
	follows: string;
	barcode: string;
	people: Person[];
}

export class Capture {
	draft = $state.raw<Draft | null>(null);
	/** Whose household is being named. */
	donor = $state.raw<{ person: Person; by: IdentifiedBy } | null>(null);
	/** Somebody who needs a second look before the swab. */
	asked = $state.raw<{ person: Person; by: IdentifiedBy; doubt: Doubt } | null>(null);
	adding = $state(false);
	/** The card of somebody no list knows. */
	card = $state.raw<Card | null>(null);
	said = $state.raw<{ kind: 'ok' | 'bad'; words: string } | null>(null);
	link = $state.raw<Link | null>(null);
	/** `08:40`: tubes are entered from paper with this time. */
	paper = $state<string | null>(null);

	readonly shift: Shift;

	constructor(shift: Shift) {
		this.shift = shift;
	}

	readonly assay = $derived.by(() => {
		const all = this.shift.register?.assays ?? [];
		if (this.link) return all.filter((a) => a.method === 'pcr').sort((a, b) => b.version - a.version)[0];
		return all.find((a) => a.id === this.shift.plan?.assay_id);
	});
	readonly most = $derived.by(() => {
		const plan = this.shift.plan;
		return this.link ? (this.assay?.most_donors ?? 1) : plan ? room(plan, this.assay) : 1;
	});

	#no(words: string): void {
		bad();
		this.said = { kind: 'bad', words };
	}
	#yes(words: string): void {
		good();
		this.said = { kind: 'ok', words };
	}

	/** A code from the scanner, the camera or the thumb. */
	async scanned(text: string): Promise<void> {
		if (this.donor || this.adding) return;
		const w = s().sampling.wrong;
		const tube = readTube(text, this.shift.register?.issuers ?? []);
		if (!this.draft) {
			if (typeof tube === 'string') return this.#no(w[tube]);
			return this.#begin(tube);
		}
		const card = readCard(text);
		const known = typeof card === 'string' ? null : await this.shift.byCard(card);
		if (known && typeof card !== 'string') return this.choose(known, card.how);
		if (typeof tube !== 'string') {
			// The next tube ends this one: nobody has to press anything between two donors.
			if (this.draft.donors.length === 0) return this.#no(w.noDonor);
			await this.finish();
			return this.#begin(tube);
		}
		if (typeof card === 'string') return this.#no(card === 'tube' ? w[tube] : w.card);
		this.card = card;
		this.#no(w.stranger(card.name));
	}

	async #begin(tube: Tube): Promise<void> {
		if (this.shift.tubes.some((e) => e.what.kind === 'collected' && e.what.tube.barcode === tube.barcode)) return this.#no(s().sampling.wrong.used(tube.barcode));
		this.card = null;
		this.draft = { tube, at: this.shift.now(), donors: [], ...(this.link && { follows: this.link.follows }) };
		if (!this.link) return this.#yes(tube.barcode);
		this.draft = { ...this.draft, donors: this.link.people.map((person) => ({ person, by: 'list' as const, stands: null })) };
		await this.finish();
		this.link = null;
	}

	/** Somebody stands here: warns, asks for the household, or puts them into the tube. */
	choose(person: Person, by: IdentifiedBy, sure = false): void {
		if (!this.draft) return;
		const w = s().sampling.doubts;
		const found = doubt(this.draft, person, this.most, this.shift.standings.get(person.person_id));
		if (found && (isFinal(found) || !sure)) {
			const words = found === 'full' ? w.full(this.most) : w[found](person.name);
			this.asked = isFinal(found) ? null : { person, by, doubt: found };
			return this.#no(words);
		}
		[this.asked, this.card, this.said] = [null, null, null];
		const stands = this.represents(person);
		if (stands && stands.people.length > 0) {
			good();
			this.donor = { person, by };
		} else this.put(person, by, stands && { for: stands.for, unit: this.shift.plan?.unit_id ?? 0, members: [], present: 1 });
	}

	/** The household or group a donor stands for, and its others; null when the plan swabs everybody. */
	represents(person: Person): ReturnType<typeof others> {
		return this.shift.plan && others(this.shift.plan, person, this.shift.people);
	}

	put(person: Person, by: IdentifiedBy, stands: Stands | null): void {
		if (!this.draft) return;
		this.donor = null;
		this.draft = { ...this.draft, donors: [...this.draft.donors, { person, by, stands, ...(person.added && { added: person.added }) }] };
		this.#yes(`${person.name}, ${s().sampling.who.born(person.birth_year)}`);
		if (this.most === 1) void this.finish();
	}

	takeOut(person: string): void {
		if (this.draft) this.draft = { ...this.draft, donors: this.draft.donors.filter((d) => d.person.person_id !== person) };
	}

	drop(): void {
		[this.draft, this.donor, this.asked, this.card, this.said, this.link] = [null, null, null, null, null, null];
	}

	/** Writes the tube down. */
	async finish(): Promise<void> {
		const { draft, assay } = this;
		const plan = this.shift.plan;
		if (!draft || draft.donors.length === 0 || !plan || !assay) return;
		this.draft = null;
		const writtenAt = this.paper ? writtenTime(this.paper, this.shift.now()) : null;
		const full: Draft = writtenAt === null ? draft : { ...draft, writtenAt: new Date(writtenAt - this.shift.offset).toISOString() };
		const { what, names } = collected(full, plan, assay.id, this.shift.now());
		try {
			await this.shift.record(what, names);
		} catch {
			// The phone is full, or its memory fails: the tube stays in hand until somebody has done something about it.
			this.draft = draft;
			return this.#no(s().sampling.wrong.notSaved);
		}
		this.#yes(`${draft.tube.barcode}: ${draft.donors.map((d) => d.person.name).join(', ')}`);
	}
}

const OFFSET_MS = 7 * 3600_000;
const DAY_MS = 24 * 3600_000;

/** The last time a clock in Viet Nam showed `08:40`, milliseconds; null when it never does. */
export function writtenTime(text: string, now: number): number | null {
	const [, hours, minutes] = /^([01]?\d|2[0-3])[:.h]([0-5]\d)$/.exec(text.trim()) ?? [];
	if (hours === undefined || minutes === undefined) return null;
	const midnight = Math.floor((now + OFFSET_MS) / DAY_MS) * DAY_MS - OFFSET_MS;
	const at = midnight + (Number(hours) * 60 + Number(minutes)) * 60_000;
	return at > now ? at - DAY_MS : at;
}
