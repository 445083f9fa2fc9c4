import { http, ok } from '#lib/api/client.ts';
import { asProblem, type ApiProblem } from '#lib/api/problem.ts';
import type { Advice, Unit, UnitRef } from '#lib/api/types.ts';
import { question, start, wrongRows, type Settings } from './question';
import { MOST_ROWS, type Row } from './rows';

/** Typing pauses this long before the server is asked. */
const PAUSE_MS = 200;
const KEPT = 'greenfort.planner';

/** What is planned, and the last answer to it. The answer stays while the next one is on its way or refused. */
export class Planner {
	rows = $state<Row[]>([]);
	settings: Settings = $state(start(''));
	focus = $state<number | null>(null);
	answer = $state.raw<Advice | null>(null);
	problem = $state.raw<ApiProblem | null>(null);
	busy = $state(false);
	/** Rows as they were before the last removal or import. */
	before = $state.raw<Row[] | null>(null);
	wrong = $derived(wrongRows(this.rows));
	#asked = 0;
	#again = $state(0);

	constructor(laboratory: string) {
		this.settings = start(laboratory);
		this.#restore();
		$effect(() => {
			void this.#again;
			const { rows, settings } = { rows: $state.snapshot(this.rows), settings: $state.snapshot(this.settings) };
			sessionStorage.setItem(KEPT, JSON.stringify({ rows, settings }));
			const mine = ++this.#asked;
			if (rows.length === 0) {
				this.answer = null;
				this.problem = null;
			}
			if (rows.length === 0 || Object.keys(this.wrong).length > 0) {
				this.busy = false;
				return;
			}
			const body = question(rows, settings, this.focus ?? rows[0]?.unitId ?? null);
			const stop = new AbortController();
			this.busy = true;
			const timer = setTimeout(() => {
				ok(http.POST('/api/v1/planning/advice', { body, signal: stop.signal })).then(
					(answer) => mine === this.#asked && this.#take(answer, null),
					(thrown: unknown) => mine === this.#asked && !stop.signal.aborted && this.#take(this.answer, asProblem(thrown))
				);
			}, PAUSE_MS);
			return () => {
				clearTimeout(timer);
				stop.abort();
			};
		});
	}

	#take(answer: Advice | null, problem: ApiProblem | null): void {
		this.answer = answer;
		this.problem = problem;
		this.busy = false;
	}

	retry = (): void => {
		this.#again += 1;
	};

	/** The answer stands for what is typed now. */
	get current(): boolean {
		return !this.busy && this.problem === null && Object.keys(this.wrong).length === 0;
	}

	/** What the server, or else nobody, says of a field. */
	refused(field: string): string | undefined {
		return this.problem?.problem.errors?.find((e) => e.field === field)?.message;
	}

	/** Adds communes that are not there yet; how many came in. */
	add(rows: Row[]): number {
		const there = new Set(this.rows.map((r) => r.unitId));
		const fresh = rows.filter((r) => !there.has(r.unitId)).slice(0, MOST_ROWS - this.rows.length);
		this.before = null;
		this.rows.push(...fresh);
		return fresh.length;
	}

	/** Rows of a sheet take the place of rows of the same communes. */
	put(rows: Row[]): void {
		const mine = new Map(rows.map((r) => [r.unitId, r]));
		this.before = $state.snapshot(this.rows);
		const kept = this.before.map((r) => mine.get(r.unitId) ?? r);
		const there = new Set(kept.map((r) => r.unitId));
		this.rows = [...kept, ...rows.filter((r) => !there.has(r.unitId))];
	}

	remove(at: number): void {
		this.before = $state.snapshot(this.rows);
		this.rows.splice(at, 1);
	}

	clear(): void {
		this.before = $state.snapshot(this.rows);
		this.rows = [];
	}

	undo(): void {
		if (this.before) this.rows = this.before;
		this.before = null;
	}

	/** A reload, or a look at another page, loses nothing. The tab's own storage: gone when it closes. */
	#restore(): void {
		try {
			const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? 'null') as { rows: Row[]; settings: Settings } | null;
			if (!kept || !Array.isArray(kept.rows)) return;
			this.rows = kept.rows;
			this.settings = { ...this.settings, ...kept.settings };
		} catch {
			sessionStorage.removeItem(KEPT);
		}
	}
}

const empty = { size: '', tested: '', positive: '', pooling: 'media' as const };

/** The communes of a unit with one swab a household: the unit itself, or all below it. */
export async function communesOf(unit: UnitRef): Promise<Row[]> {
	const figures = await ok(http.GET('/api/v1/units/{id}/figures', { params: { path: { id: unit.id } } }));
	const row = (u: UnitRef, households: number): Row => ({
		unitId: u.id,
		code: u.code,
		name: u.name,
		specimens: households > 0 ? String(households) : '',
		...empty
	});
	if (unit.level === 'commune') return [row(unit, figures.households)];
	const below = await Promise.all(
		figures.children
			.filter((c) => c.unit.level !== 'hamlet')
			.map((c) => (c.unit.level === 'commune' ? [row(c.unit, c.households)] : communesOf(c.unit)))
	);
	return below.flat();
}

/** All communes of today's tree, to find those that a sheet names. */
export async function allCommunes(): Promise<Unit[]> {
	const all: Unit[] = [];
	let after: string | undefined;
	do {
		const page = await ok(http.GET('/api/v1/units', { params: { query: { level: 'commune', limit: 200, ...(after ? { after } : {}) } } }));
		all.push(...page.items);
		after = page.next ?? undefined;
	} while (after);
	return all;
}
