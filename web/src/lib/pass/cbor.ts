// CBOR (RFC 8949) in two strictnesses, as the formats ask for opposite things: `Reader` takes only the
// deterministic encoding, which Greenfort writes; `decode` takes anything well-formed, which the world writes.
import { concat, hex, utf8, type Bytes } from './bytes.ts';
import { cose } from './errors.ts';

const [UINT, NINT, BYTES, TEXT, ARRAY, MAP, TAG, SIMPLE] = [0, 1, 2, 3, 4, 5, 6, 7];
/** Integers beyond it are no numbers to every reader: the format has none. */
const SAFE = Number.MAX_SAFE_INTEGER;

function text(bytes: Bytes): string {
	try {
		return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
	} catch {
		throw cose('text is not UTF-8');
	}
}

/** A pull reader over deterministic CBOR: shortest heads, definite lengths, nothing copied. */
export class Reader {
	private at = 0;
	constructor(private readonly bytes: Bytes) {}

	end(): void {
		if (this.at !== this.bytes.length) throw cose('bytes after the end');
	}

	private take(n: number): Bytes {
		if (n > this.bytes.length - this.at) throw cose('length beyond the end');
		this.at += n;
		return this.bytes.subarray(this.at - n, this.at);
	}

	private head(): [number, number] {
		const first = this.take(1)[0]!;
		const [major, low] = [first >> 5, first & 31];
		if (low < 24) return [major, low];
		if (low > 27) throw cose('indefinite length or reserved head');
		const width = 1 << (low - 24);
		const value = this.take(width).reduce((n, b) => n * 256 + b, 0);
		const least = width === 1 ? 24 : 2 ** (4 * width);
		if (value < least || major === SIMPLE) throw cose('not the shortest encoding');
		return [major, value];
	}

	private expect(wanted: number, what: string): number {
		const [major, value] = this.head();
		if (major !== wanted) throw cose(`${what} was expected`);
		return value;
	}

	/** Up to 2⁵³ − 1. */
	uint(): number {
		const value = this.expect(UINT, 'an unsigned integer');
		if (value > SAFE) throw cose('an integer beyond 2^53');
		return value;
	}

	/** From −(2⁵³ − 1) to 2⁵³ − 1. */
	int(): number {
		const [major, value] = this.head();
		if (major > NINT) throw cose('an integer was expected');
		const n = major === UINT ? value : -1 - value;
		if (!Number.isSafeInteger(n)) throw cose('an integer beyond 2^53');
		return n;
	}

	byteString(length?: number): Bytes {
		const found = this.take(this.expect(BYTES, 'a byte string'));
		if (length !== undefined && found.length !== length) throw cose('a byte string of another length');
		return found;
	}

	text(): string {
		return text(this.take(this.expect(TEXT, 'a text')));
	}

	/** How many items follow: never more than bytes are left. */
	array(): number {
		return this.fits(this.expect(ARRAY, 'an array'));
	}

	/** How many pairs follow: never more than bytes are left. */
	map(): number {
		return this.fits(this.expect(MAP, 'a map'));
	}

	private fits(n: number): number {
		if (n > this.bytes.length - this.at) throw cose('more items than bytes');
		return n;
	}

	tag(): number {
		return this.expect(TAG, 'a tag');
	}

	/** The simple value `true`, the only one that Greenfort writes. */
	yes(): void {
		const [major, value] = this.head();
		if (major !== SIMPLE || value !== 21) throw cose('true was expected');
	}
}

/** The head of an item, in its shortest form; values up to 2³² − 1. */
export function head(major: number, value: number): Bytes {
	const wide = value < 24 ? 0 : value < 0x100 ? 1 : value < 0x10000 ? 2 : 4;
	const out = new Uint8Array(1 + wide);
	out[0] = (major << 5) | (wide ? 24 + Math.log2(wide) : value);
	for (let i = 0; i < wide; i++) out[1 + i] = value >>> (8 * (wide - 1 - i));
	return out;
}

export const writeBytes = (bytes: Bytes): Bytes => concat(head(BYTES, bytes.length), bytes);
export const writeArray = (...items: Bytes[]): Bytes => concat(head(ARRAY, items.length), ...items);
export const writeText = (value: string): Bytes => {
	const bytes = utf8(value);
	return concat(head(TEXT, bytes.length), bytes);
};

/** A floating-point number, kept apart: 1.0 is no integer in a header. */
export class Float {
	constructor(readonly value: number) {}
}

export class Tag {
	constructor(
		readonly number: Integer,
		readonly inner: Value
	) {}
}

/** A `bigint` only where a number would lose digits. */
export type Integer = number | bigint;
export type Key = Integer | string;
export type Value = Integer | string | boolean | null | undefined | Bytes | Float | Tag | Value[] | Map<Key, Value>;

/** Key of a text; those of byte strings begin with another letter. */
export const textKey = (value: string): string => `t${value}`;

/** The value under an integer key of a map. */
export const get = (value: Value, key: number): Value => (value instanceof Map ? value.get(key) : undefined);
export const isInteger = (value: Value): value is Integer => typeof value === 'number' || typeof value === 'bigint';

/** What a hostile input may cost at most. */
const LIMITS = { depth: 16, items: 4096, pairs: 256 };
const BREAK = Symbol('break');

/** Decodes exactly one item that fills `bytes`: any well-formed encoding, without duplicate keys. */
export function decode(bytes: Bytes): Value {
	let [at, items] = [0, LIMITS.items];
	const take = (n: number): Bytes => {
		if (n > bytes.length - at) throw cose('length beyond the end');
		at += n;
		return bytes.subarray(at - n, at);
	};
	const item = (depth: number): Value | typeof BREAK => {
		if (items-- === 0) throw cose('too many items');
		const first = take(1)[0]!;
		const [major, low] = [first >> 5, first & 31];
		if (low > 27 && low < 31) throw cose('reserved head');
		const raw = low < 24 || low === 31 ? null : take(1 << (low - 24));
		const big = raw ? raw.reduce((n, b) => (n << 8n) | BigInt(b), 0n) : BigInt(low);
		const length = low === 31 ? null : Number(big);
		const inside = () => {
			if (depth === 0) throw cose('nested too deep');
			return depth - 1;
		};
		const integer = (n: bigint): Integer => (n >= -BigInt(SAFE) && n <= BigInt(SAFE) ? Number(n) : n);
		switch (major) {
			case UINT:
			case NINT:
				if (length === null) throw cose('indefinite integer or tag');
				return integer(major === UINT ? big : -1n - big);
			case BYTES:
				return length === null ? chunks(false) : take(length);
			case TEXT:
				return text(length === null ? chunks(true) : take(length));
			case ARRAY:
				return array(length, inside());
			case MAP:
				return map(length, inside());
			case TAG:
				if (length === null) throw cose('indefinite integer or tag');
				return new Tag(integer(big), one(inside()));
			default:
				return length === null ? BREAK : simple(low, raw, length);
		}
	};
	const one = (depth: number): Value => {
		const found = item(depth);
		if (found === BREAK) throw cose('a break in the middle');
		return found as Value;
	};
	const array = (n: number | null, depth: number): Value[] => {
		const found: Value[] = [];
		while (n === null || found.length < n) {
			const next = item(depth);
			if (next !== BREAK) found.push(next as Value);
			else if (n === null) break;
			else throw cose('a break in the middle');
		}
		return found;
	};
	const map = (n: number | null, depth: number): Map<Key, Value> => {
		const pairs = new Map<Key, Value>();
		while (n === null || pairs.size < n) {
			const key = item(depth);
			if (key === BREAK) {
				if (n === null) break;
				throw cose('a break in the middle');
			}
			const name =
				typeof key === 'string' ? textKey(key) : key instanceof Uint8Array ? `b${hex(key)}` : isInteger(key as Value) ? (key as Integer) : null;
			if (name === null) throw cose('a key that is neither number nor string');
			if (pairs.size >= LIMITS.pairs || pairs.has(name)) throw cose('duplicate keys, or too many');
			pairs.set(name, one(depth));
		}
		return pairs;
	};
	/** Definite chunks of the same type up to the break (RFC 8949 §3.2.3). */
	const chunks = (texts: boolean): Bytes => {
		const all: Bytes[] = [];
		for (;;) {
			// What nests here would recurse beside the bound on depth.
			if (bytes[at] !== 0xff && (bytes[at]! & 31) === 31) throw cose('a chunk of indefinite length');
			const next = item(0);
			if (next === BREAK) break;
			if (texts && typeof next === 'string') all.push(utf8(next));
			else if (!texts && next instanceof Uint8Array) all.push(next as Bytes);
			else throw cose('a chunk of another type');
		}
		return concat(...all);
	};
	const value = one(LIMITS.depth);
	if (at !== bytes.length) throw cose('bytes after the end');
	return value;
}

function simple(low: number, raw: Bytes | null, n: number): Value {
	if (low === 20 || low === 21) return low === 21;
	if (low === 22) return null;
	if (low === 24 && n < 32) throw cose('simple value in two bytes');
	if (low < 25 || raw === null) return undefined;
	const view = new DataView(raw.buffer, raw.byteOffset, raw.length);
	if (low === 25) return new Float(half(n));
	return new Float(low === 26 ? view.getFloat32(0) : view.getFloat64(0));
}

/** IEEE 754 half precision (RFC 8949 appendix D). */
function half(bits: number): number {
	const [exponent, mantissa] = [(bits >> 10) & 31, bits & 0x3ff];
	const magnitude =
		exponent === 0 ? mantissa * 2 ** -24 : exponent === 31 ? (mantissa ? NaN : Infinity) : (mantissa + 1024) * 2 ** (exponent - 25);
	return bits & 0x8000 ? -magnitude : magnitude;
}
