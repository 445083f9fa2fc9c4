// What a checkpoint asks for: data, changed overnight without a new program.
import type { Json } from './certlogic.ts';
import { scopeBit, type Claims } from './claims.ts';

/** A row of the table of ages; an absent column fits everything. */
export interface MaxAge {
	kind?: string | null;
	basis?: string | null;
	method?: string | null;
	/** Minutes since sampling. */
	minutes: number;
}

/** A rule in CertLogic over `{payload, external: {validationClock, valueSets, scopes, place}}`. */
export interface Rule {
	id: string;
	subject: 'pass' | 'dcc';
	severity: 'red' | 'amber';
	/** Anything but `true`, also an error, is "not met". */
	logic: Json;
}

/** The rules of one checkpoint; the fields are those of `docs/pass-format.md`. */
export interface Policy {
	revocation_max_age_s: number;
	trust_max_age_s: number;
	clock_tolerance_s: number;
	scopes: string[];
	place: string[];
	max_age: MaxAge[];
	appointment_prefixes: string[];
	accept_dcc: boolean;
	rules: Rule[];
	value_sets: Json;
}

/** EU issuers also certify positive tests, with a signature as good as any; 260415000 is "not detected". */
const NOT_DETECTED: Rule = {
	id: 'not-detected',
	subject: 'dcc',
	severity: 'red',
	logic: { if: [{ var: 'payload.t.0' }, { '===': [{ var: 'payload.t.0.tr' }, '260415000'] }, true] }
};

const DEFAULTS: Policy = {
	revocation_max_age_s: 12 * 3600,
	trust_max_age_s: 48 * 3600,
	clock_tolerance_s: 300,
	scopes: [],
	place: [],
	max_age: [],
	appointment_prefixes: ['GFA:'],
	accept_dcc: true,
	rules: [NOT_DETECTED],
	value_sets: null
};

/** A policy from what differs from the defaults; a field that is unknown or of another type is an error. */
export function policyOf(differing: object): Policy {
	for (const [name, value] of Object.entries(differing)) {
		const wanted = (DEFAULTS as unknown as Record<string, unknown>)[name];
		const fits = typeof wanted === 'object' ? wanted === null || Array.isArray(value) : typeof value === typeof wanted;
		if (wanted === undefined || !fits) throw new Error(`policy: ${name} is unknown, or of another type`);
	}
	return { ...DEFAULTS, ...differing };
}

/** The scopes asked for as bits; `null` when a name is unknown, which no pass can satisfy. */
export function requiredScopes(policy: Policy): number | null {
	return policy.scopes.map(scopeBit).reduce((set, bit) => (set === null || bit === null ? null : set | bit), 0);
}

/** Whether the area of a pass covers the place of the checkpoint. */
export function covers(policy: Policy, { area }: Claims): boolean {
	return area === null || policy.place.length === 0 || policy.place[area.depth - 1] === area.code;
}

/** Seconds after sampling when the pass ends by the table of ages, or `null`. */
export function maxAge(policy: Policy, claims: Claims): number | null {
	const fits = (column: string | null | undefined, word: string) => column == null || column === word;
	const row = policy.max_age.find((r) => fits(r.kind, claims.kind) && fits(r.basis, claims.basis) && fits(r.method, claims.method));
	return row ? row.minutes * 60 : null;
}
