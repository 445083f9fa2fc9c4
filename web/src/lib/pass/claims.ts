// What a pass says, and its form on the wire (docs/pass-format.md).
import { hex, utf8, type Bytes } from './bytes.ts';
import { Reader } from './cbor.ts';
import { claims as fault, within } from './errors.ts';

const KINDS = ['person', 'household', 'organisation', 'vehicle'] as const;
const BASES = ['tested', 'pooled', 'represented', 'override'] as const;
const METHODS = ['none', 'rt-pcr', 'rapid-antigen', 'other-naat'] as const;
const SCOPES = ['movement', 'goods-transport', 'production', 'essential-services', 'leave-province'];

/** The first integer that RFC 8392 reserves for private use. */
const PASS_CLAIM = -65_537;
/** 9999-01-01: what every calendar can write. */
const LAST = 253_370_764_800;

/** Everything a pass says. Times are UTC seconds, ids and handles hexadecimal. */
export interface Claims {
	issuer: string;
	expires: number;
	issued: number;
	id: string;
	kind: (typeof KINDS)[number];
	/** Masked name, organisation's short name, or plate in full. */
	name: string;
	basis: (typeof BASES)[number];
	method: (typeof METHODS)[number];
	sampled: number;
	/** A set of bits. */
	scopes: number;
	area: { code: string; depth: number } | null;
	holder: string;
	batch: string;
	members: number | null;
	drivers: string[];
	route: string | null;
	idTail: number | null;
	guardian: boolean;
}

/** The bit of a scope by name; `null` for a name that is unknown. */
export function scopeBit(name: string): number | null {
	const number = /^scope-\+?(\d+)$/.exec(name)?.[1];
	const bit = number === undefined ? SCOPES.indexOf(name) : Number(number);
	return bit < 0 || bit > 15 || (number !== undefined && bit < SCOPES.length) ? null : 1 << bit;
}

export function scopeNames(set: number): string[] {
	const bits = Array.from({ length: 16 }, (_, bit) => bit).filter((bit) => (set >> bit) & 1);
	return bits.map((bit) => SCOPES[bit] ?? `scope-${bit}`);
}

export const iso = (seconds: number): string => new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');

/** The claims as JSON: what rules and vectors see. */
export function claimsToJson(c: Claims) {
	return {
		iss: c.issuer,
		exp: iso(c.expires),
		iat: iso(c.issued),
		cti: c.id,
		kind: c.kind,
		name: c.name,
		basis: c.basis,
		method: c.method,
		sampled_at: iso(c.sampled),
		scopes: scopeNames(c.scopes),
		area: c.area,
		holder: c.holder,
		batch: c.batch,
		members: c.members,
		drivers: c.drivers,
		route: c.route,
		id_tail: c.idTail === null ? null : String(c.idTail).padStart(4, '0'),
		guardian: c.guardian
	};
}

/** Reads the claims set of a pass and refuses what the format cannot say. */
export function readClaims(bytes: Bytes): Claims {
	const read = within('claims', () => walk(new Reader(bytes)));
	check(read);
	return read;
}

function walk(r: Reader): Claims {
	const missing = () => fault('the five claims 1, 4, 6, 7 and the private one');
	const key = (wanted: number) => {
		if (r.int() !== wanted) throw missing();
	};
	if (r.map() !== 5) throw missing();
	key(1);
	const issuer = r.text();
	key(4);
	const expires = r.int();
	key(6);
	const issued = r.int();
	key(7);
	const id = hex(r.byteString(12));
	key(PASS_CLAIM);

	// A map with ascending integer keys, some of them optional.
	let [left, last] = [r.map(), 0];
	let next: number | null = null;
	const has = (wanted: number): boolean => {
		if (next === null && left > 0) {
			next = r.uint();
			if (next <= last) throw fault('keys not ascending');
			last = next;
			left -= 1;
		}
		if (next !== wanted) return false;
		next = null;
		return true;
	};
	const must = (wanted: number) => {
		if (!has(wanted)) throw fault('a claim is missing or unknown');
	};
	const most = (limit: number, what: string): number => {
		const n = r.uint();
		if (n > limit) throw fault(what);
		return n;
	};
	const coded = <T>(words: readonly T[], least = 0): T => {
		const code = r.uint();
		const word = words[code];
		if (word === undefined || code < least) throw fault('an unknown code');
		return word;
	};

	// Zero is said by silence: one pass has one encoding.
	const kind = has(1) ? coded(KINDS, 1) : 'person';
	must(2);
	const name = r.text();
	must(3);
	const basis = coded(BASES);
	must(4);
	const method = coded(METHODS);
	must(5);
	const minutes = most(0xffff, 'sampled too long ago');
	must(6);
	const scopes = most(0xffff, 'an unknown code');
	let area: Claims['area'] = null;
	if (has(7)) {
		if (r.array() !== 2) throw fault('area: code and depth');
		area = { code: r.text(), depth: r.uint() };
	}
	must(8);
	const handles = hex(r.byteString(12));
	const members = has(9) ? most(0xffff_ffff, 'too many members') : null;
	const drivers: string[] = [];
	if (has(10)) {
		const n = r.array();
		if (n < 1 || n > 4) throw fault('drivers: 1 to 4');
		for (let i = 0; i < n; i++) drivers.push(r.text());
	}
	const route = has(11) ? r.text() : null;
	const idTail = has(12) ? most(9999, 'ID digits: four') : null;
	const guardian = has(13);
	if (guardian) r.yes();
	if (next !== null || left > 0) throw fault('an unknown claim');
	r.end();
	return {
		issuer, expires, issued, id, kind, name, basis, method,
		sampled: issued - minutes * 60,
		scopes, area,
		holder: handles.slice(0, 12),
		batch: handles.slice(12),
		members, drivers, route, idTail, guardian
	};
}

function check(c: Claims): void {
	const rule = (ok: boolean, what: string) => {
		if (!ok) throw fault(what);
	};
	rule(plain(c.issuer, 12), 'issuer: 1 to 12 bytes of plain text');
	rule(plain(c.name, 40), 'name: 1 to 40 bytes of plain text');
	rule(c.issued > 0 && c.expires > c.issued && c.expires < LAST, 'expiry after issue, after 1970 and before 9999');
	rule(c.scopes !== 0, 'at least one scope');
	rule((c.method === 'none') === (c.basis === 'override'), 'a method, or an override');
	if (c.area) {
		rule(/^[0-9A-Za-z]{1,12}$/.test(c.area.code), 'area: 1 to 12 letters or digits');
		rule(c.area.depth >= 1 && c.area.depth <= 8, 'area: depth 1 to 8');
	}
	const counted = c.kind === 'household' || c.kind === 'organisation';
	rule((c.members ?? 0) > 0 === counted, 'members: with household and organisation only');
	const driven = c.kind === 'vehicle';
	rule(c.drivers.length > 0 === driven, 'drivers: 1 to 4, with a vehicle only');
	rule(c.drivers.every((d) => plain(d, 40)), 'driver: 1 to 40 bytes of plain text');
	rule(c.route === null || (driven && plain(c.route, 64)), 'route: 1 to 64 bytes, with a vehicle only');
	rule(c.kind === 'person' || (c.idTail === null && !c.guardian), 'ID digits, guardian: with a person only');
}

/** No control character and none that turns the writing direction: what the officer reads is what was signed. */
function plain(text: string, most: number): boolean {
	const length = utf8(text).length;
	return length >= 1 && length <= most && !/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/.test(text);
}
