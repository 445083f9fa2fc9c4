// A shift on this phone: opened with a network, worked without one. What it knows of people lies encrypted under the key of the
// shift; what happens is written down, sealed to the server and sent when there is a network.

import { http, ok } from '#lib/api/client.ts';
import { unreachable } from '#lib/api/problem.ts';
import type { ApiProblem } from '#lib/api/problem.ts';
import type { Assay, HamletPlan, SentWhat, Work } from '#lib/api/types.ts';
import { thisDevice, type EnrolledDevice } from '#lib/device.ts';
import { bytesOf, cardHash, lock, sealTo, unlock, unwrapKey, wrapKey, type Wrapped } from './crypt.ts';
import type { Entry, Person } from './list.ts';
import { standings, tubes, type Standing } from './list.ts';
import type { Card, Issuer } from './scan.ts';
import * as store from './store.ts';
import { send, type Sent } from './sync.ts';

/** Wrong PINs before the phone forgets everybody. */
const TRIES = 5;
const KEY_LIFE_MS = 24 * 3600_000;

/** What lies in the open: nothing of anybody. */
interface Kept {
	/** The device it was opened on: enrolled again it is another. */
	device: string;
	state: 'open' | 'void' | 'wiped';
	round: { id: string; number: number | null; ends_at: string };
	account: { id: string; name: string };
	sealKey: string;
	wrapped: Wrapped | null;
	tries: number;
	/** Server time minus this phone's, milliseconds, at the last contact. */
	offset: number;
	contact: number;
	/** The latest corrected time this phone has seen: a clock that is set back does not lengthen the life of the key. */
	latest: number;
}
/** What lies encrypted. */
interface Register {
	hamlets: HamletPlan[];
	assays: Assay[];
	issuers: Issuer[];
	people: Person[];
	/** Hashes of cards with the hamlet's key they were made under. */
	cardKeys: Record<number, string>;
}

export type State = 'asking' | 'none' | 'unenrolled' | 'locked' | 'open' | 'void' | 'wiped';

export class Shift {
	state = $state<State>('asking');
	device = $state.raw<EnrolledDevice | null>(null);
	kept = $state.raw<Kept | null>(null);
	register = $state.raw<Register | null>(null);
	journal = $state.raw<Entry[]>([]);
	waiting = $state(0);
	refused = $state.raw<store.OutboxRow[]>([]);
	online = $state(true);
	/** Why the last attempt to send was refused. */
	problem = $state.raw<ApiProblem | null>(null);
	hamlet = $state<number | null>(null);

	#key: CryptoKey | null = null;
	#sending: Promise<void> | null = null;
	#writing: Promise<unknown> = Promise.resolve();

	readonly people = $derived(this.register?.people ?? []);
	readonly standings: Map<string, Standing> = $derived(standings(this.people, this.journal));
	readonly tubes = $derived(tubes(this.journal));
	readonly plan = $derived(this.register?.hamlets.find((h) => h.unit_id === this.hamlet) ?? this.register?.hamlets[0] ?? null);
	readonly local = $derived(this.people.filter((p) => this.#unitOf.get(p.person_id) === this.plan?.unit_id));
	#unitOf = new Map<string, number>();

	/** `clock`: this phone's own, milliseconds. */
	constructor(private clock: () => number) {}

	/** Server time minus this phone's, milliseconds. */
	get offset(): number {
		return this.kept?.offset ?? 0;
	}

	/** By the server's clock, as far as this phone knows it. */
	now(): number {
		return this.clock() + this.offset;
	}

	/** What the phone holds since last time. */
	async look(): Promise<void> {
		this.online = navigator.onLine;
		this.device = (await thisDevice()) ?? null;
		this.kept = (await store.kept<Kept>('shift')) ?? null;
		await this.#count();
		if (!this.device) this.state = 'unenrolled';
		else if (!this.kept || this.kept.device !== this.device.id) this.state = 'none';
		else if (this.kept.state !== 'open') this.state = this.kept.state;
		else if (this.#expired()) await this.#forget('void');
		else this.state = this.#key ? 'open' : 'locked';
	}

	/** Downloads the lists of these hamlets and opens the shift under a new PIN. */
	async start(work: Work, round: string, units: number[], account: { id: string; name: string }, pin: string): Promise<void> {
		const chosen = work.rounds.find((r) => r.round.id === round);
		if (!chosen) return;
		const { key, wrapped } = await wrapKey(pin, bytesOf(work.key));
		const register: Register = { hamlets: chosen.hamlets.filter((h) => units.includes(h.unit_id)), assays: work.assays, issuers: work.issuers, people: [], cardKeys: {} };
		for (const hamlet of register.hamlets) await this.#fetchHamlet(register, round, hamlet.unit_id);
		const offset = Date.parse(work.now) - this.clock();
		this.#key = key;
		// Events of an earlier shift that have not arrived stay in the outbox; nothing of their people stays here.
		await store.wipe(null);
		this.journal = [];
		await this.#keep({
			device: this.device?.id ?? '',
			state: 'open',
			round: { id: round, number: chosen.round.number ?? null, ends_at: chosen.round.ends_at },
			account,
			sealKey: work.seal_key,
			wrapped,
			tries: 0,
			offset,
			contact: Date.parse(work.now),
			latest: Date.parse(work.now)
		});
		await this.#saveRegister(register);
		this.hamlet = register.hamlets[0]?.unit_id ?? null;
		this.state = 'open';
		void navigator.storage?.persist?.();
	}

	/** Null when the PIN is right, else how many tries are left; at none the phone forgets everybody. */
	async unlock(pin: string): Promise<number | null> {
		if (!this.kept?.wrapped) return 0;
		if (this.#expired()) {
			await this.#forget('void');
			return 0;
		}
		const key = await unwrapKey(pin, this.kept.wrapped);
		if (!key) {
			const tries = this.kept.tries + 1;
			if (tries >= TRIES) await this.#forget('void');
			else await this.#keep({ ...this.kept, tries });
			return TRIES - tries;
		}
		this.#key = key;
		await this.#keep({ ...this.kept, tries: 0 });
		const sealed = await store.kept<store.Locked>('register');
		if (sealed) this.#place(await unlock<Register>(key, sealed));
		const lines: Entry[] = [];
		for (const row of await store.journal()) lines.push(await unlock<Entry>(key, row));
		this.journal = lines;
		this.state = 'open';
		return null;
	}

	/** Writes an event down. It is safe on the phone when this returns; it is sent when there is a network. */
	record(what: SentWhat, names: Record<string, string>): Promise<Entry> {
		const write = this.#writing.then(() => this.#write(what, names));
		this.#writing = write.catch(() => undefined);
		return write;
	}

	async #write(what: SentWhat, names: Record<string, string>): Promise<Entry> {
		const [key, device] = [this.#key, this.device];
		if (!key || !device || !this.kept) throw new Error('the shift is not open');
		const id = crypto.randomUUID();
		const at = this.clock();
		for (;;) {
			const seq = ((await store.kept<number>('seq')) ?? 0) + 1;
			const { offset, account, sealKey, round } = this.kept;
			const event = { id, seq, device_at: new Date(at).toISOString(), offset_ms: Math.round(offset), account: account.id, what };
			const entry: Entry = { seq, id, at: at + offset, what, names, arrived: false, problems: [] };
			const [sealed, line] = await Promise.all([sealTo(sealKey, device.id, event), lock(key, entry)]);
			if (!(await store.write({ seq, id, round: round.id, sealed }, line))) continue;
			this.journal = [...this.journal, entry];
			this.waiting += 1;
			void this.sync();
			return entry;
		}
	}

	/** Sends what waits, and asks at least whether this phone is still trusted. One at a time. */
	sync(): Promise<void> {
		return (this.#sending ??= this.#sync().finally(() => (this.#sending = null)));
	}

	async #sync(): Promise<void> {
		if (!this.device || !this.kept || this.kept.state === 'wiped') return;
		for (;;) {
			const rows = (await store.outbox()).filter((row) => !row.refused);
			const result = await send(this.device, rows, this.kept.round.id, this.clock);
			this.online = result.is !== 'offline';
			this.problem = result.is === 'refused' ? result.problem : null;
			if (result.is === 'untrusted') return this.#forget('wiped');
			if (result.is === 'put aside') {
				await store.arrived([], result.refused);
				await this.#count();
				continue;
			}
			if (result.is !== 'taken') return;
			await this.#taken(result);
			if (result.rest === 0) return;
		}
	}

	/** Hands in what a struck-off phone still holds, under the session of whoever is signed in. Null: all of it. */
	async handIn(): Promise<ApiProblem | null> {
		for (;;) {
			const rows = (await store.outbox()).filter((row) => !row.refused);
			if (!this.device || !this.kept || rows.length === 0) return null;
			const result = await send(this.device, rows, this.kept.round.id, this.clock, true);
			if (result.is === 'refused') return result.problem;
			if (result.is === 'offline' || result.is === 'untrusted') return unreachable();
			await store.arrived(result.is === 'taken' ? result.answers.map((a) => a.seq) : [], result.refused);
			await this.#count();
		}
	}

	async #taken({ answers, refused, now, offset }: Extract<Sent, { is: 'taken' }>): Promise<void> {
		await store.arrived(answers.map((a) => a.seq), refused);
		if (this.kept) await this.#keep({ ...this.kept, offset, contact: now, latest: Math.max(this.kept.latest, now) });
		await this.#count();
		const bySeq = new Map(answers.map((a) => [a.seq, a]));
		const changed = this.journal.filter((e) => bySeq.has(e.seq));
		if (changed.length === 0 || !this.#key) return;
		this.journal = this.journal.map((e) => (bySeq.has(e.seq) ? { ...e, arrived: true, problems: bySeq.get(e.seq)?.problems ?? [] } : e));
		for (const entry of this.journal) if (bySeq.has(entry.seq)) await store.replaceLine({ ...(await lock(this.#key, entry)), seq: entry.seq });
	}

	/** Fetches the lists again: other phones have been at work too. Needs a session. */
	async refresh(): Promise<void> {
		const [register, kept] = [this.register, this.kept];
		if (!register || !kept) return;
		const fresh: Register = { ...register, people: register.people.filter((p) => p.added), cardKeys: {} };
		for (const hamlet of register.hamlets) await this.#fetchHamlet(fresh, kept.round.id, hamlet.unit_id);
		await this.#saveRegister(fresh);
	}

	/** Somebody of the list by a card; several never share a number. */
	async byCard(card: Card): Promise<Person | null> {
		for (const number of card.numbers)
			for (const [unit, key] of Object.entries(this.register?.cardKeys ?? {})) {
				const hash = await cardHash(key, number);
				const found = this.people.find((p) => p.cards.includes(hash) && this.#unitOf.get(p.person_id) === Number(unit));
				if (found) return found;
			}
		return null;
	}

	/** Somebody added on the spot is known from now on. */
	async know(person: Person, unit: number): Promise<void> {
		if (!this.register) return;
		this.#unitOf.set(person.person_id, unit);
		await this.#saveRegister({ ...this.register, people: [...this.register.people, person] });
	}

	unitOf = (person: string): number | undefined => this.#unitOf.get(person);

	/** The shift is over: everybody is forgotten. What waits is still sent. */
	async end(): Promise<void> {
		await this.sync();
		this.#key = null;
		await store.wipe(null);
		[this.kept, this.register, this.journal] = [null, null, []];
		await this.look();
	}

	/** Once a minute: the clock's high-water mark, the life of the key, and what waits. */
	async tick(): Promise<void> {
		if (!this.kept || this.kept.state !== 'open') return;
		if (this.#expired()) return this.#forget('void');
		if (this.now() > this.kept.latest) await this.#keep({ ...this.kept, latest: this.now() });
		await this.sync();
	}

	#expired(): boolean {
		return !!this.kept && Math.max(this.now(), this.kept.latest) > this.kept.contact + KEY_LIFE_MS;
	}

	async #forget(state: 'void' | 'wiped'): Promise<void> {
		this.#key = null;
		[this.register, this.journal] = [null, []];
		this.kept = this.kept && { ...this.kept, state, wrapped: null };
		await store.wipe(this.kept);
		this.state = state;
	}

	async #fetchHamlet(into: Register, round: string, unit: number): Promise<void> {
		const list = await ok(http.GET('/api/v1/sampling/register', { params: { query: { round, unit } } }));
		into.cardKeys[unit] = list.card_key;
		const known = new Set(list.people.map((p) => p.person_id));
		into.people = [...into.people.filter((p) => !known.has(p.person_id)), ...list.people.map((p) => ({ ...p, unit }))];
	}

	async #saveRegister(register: Register): Promise<void> {
		if (!this.#key) return;
		this.#place(register);
		await store.keep('register', await lock(this.#key, register));
	}
	#place(register: Register): void {
		this.#unitOf = new Map(register.people.map((p) => [p.person_id, p.unit ?? p.added?.unit ?? 0]));
		this.register = register;
		this.hamlet ??= register.hamlets[0]?.unit_id ?? null;
	}
	async #keep(kept: Kept): Promise<void> {
		this.kept = kept;
		await store.keep('shift', kept);
	}
	async #count(): Promise<void> {
		const rows = await store.outbox();
		this.refused = rows.filter((row) => row.refused);
		this.waiting = rows.length;
	}
}

/** This phone's shift. */
export const shift = new Shift(() => Date.now());
