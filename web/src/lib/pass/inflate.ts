// Inflate (RFC 1950, 1951) with a bound on what comes out. Written here because what a phone has will not do:
// DecompressionStream is absent from Safari 15 and Firefox 90, and small libraries check neither the checksum
// nor the end, so that two verifiers would disagree on what a certificate is.
import type { Bytes } from './bytes.ts';
import { DecodeError } from './errors.ts';

const bad = (what: string) => new DecodeError('zlib', what);

/** Canonical Huffman code: how many codes there are of each length, and the symbols in their order. */
interface Code {
	count: Uint16Array;
	symbols: Uint16Array;
}

/** Builds a code. Incomplete ones are refused but for a single code of one bit, as every inflater does. */
function code(lengths: Uint8Array, whole: boolean): Code {
	const count = new Uint16Array(16);
	for (const length of lengths) count[length]!++;
	let left = 1;
	for (let length = 1; length < 16; length++) {
		left = left * 2 - count[length]!;
		if (left < 0) throw bad('damaged');
	}
	const single = count[0]! + count[1]! === lengths.length;
	if (left > 0 && (whole || !single)) throw bad('damaged');
	const offsets = new Uint16Array(17);
	for (let length = 1; length < 16; length++) offsets[length + 1] = offsets[length]! + count[length]!;
	const symbols = new Uint16Array(lengths.length);
	lengths.forEach((length, symbol) => {
		if (length) symbols[offsets[length]!++] = symbol;
	});
	return { count, symbols };
}

const filled = (...runs: [number, number][]) => Uint8Array.from(runs.flatMap(([n, v]) => Array<number>(n).fill(v)));
const FIXED_LENGTHS = code(filled([144, 8], [112, 9], [24, 7], [8, 8]), true);
const FIXED_DISTANCES = code(filled([32, 5]), true);
const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/** Base and extra bits of the length symbols 257–285 and the distance symbols 0–29 (RFC 1951 §3.2.5). */
const LENGTHS: [number, number][] = [];
const DISTANCES: [number, number][] = [];
for (let i = 0, base = 3; i < 28; i++) {
	const extra = i < 8 ? 0 : (i >> 2) - 1;
	LENGTHS.push([base, extra]);
	base += 1 << extra;
}
LENGTHS.push([258, 0]);
for (let i = 0, base = 1; i < 30; i++) {
	const extra = i < 4 ? 0 : (i >> 1) - 1;
	DISTANCES.push([base, extra]);
	base += 1 << extra;
}

/** Inflates zlib: at most `most` bytes, checksum and end checked. Its work is bounded by input and `most`. */
export function inflate(bytes: Uint8Array, most: number): Bytes {
	const head = (bytes[0] ?? 0) * 256 + (bytes[1] ?? 0);
	if (bytes.length < 2 || (head & 0x8f20) !== 0x0800 || head % 31) throw bad('damaged');
	const out = new Uint8Array(most);
	let [at, hold, held, size] = [2, 0, 0, 0];

	const bits = (n: number): number => {
		while (held < n) {
			if (at >= bytes.length) throw bad('ends too early');
			hold |= bytes[at++]! << held;
			held += 8;
		}
		const value = hold & ((1 << n) - 1);
		hold >>>= n;
		held -= n;
		return value;
	};
	const symbol = ({ count, symbols }: Code): number => {
		let [value, first, index] = [0, 0, 0];
		for (let length = 1; length < 16; length++) {
			value |= bits(1);
			const n = count[length]!;
			if (value - n < first) return symbols[index + value - first]!;
			index += n;
			first = (first + n) << 1;
			value <<= 1;
		}
		throw bad('damaged');
	};
	const put = (byte: number) => {
		if (size >= most) throw bad('inflates beyond the bound');
		out[size++] = byte;
	};
	const stored = () => {
		[hold, held] = [0, 0];
		const length = bits(8) | (bits(8) << 8);
		if ((bits(8) | (bits(8) << 8)) !== (~length & 0xffff)) throw bad('damaged');
		for (let i = 0; i < length; i++) put(bits(8));
	};
	const dynamic = (): [Code, Code] => {
		const [lengths, distances, order] = [bits(5) + 257, bits(5) + 1, bits(4) + 4];
		if (lengths > 286 || distances > 30) throw bad('damaged');
		const of = new Uint8Array(19);
		for (let i = 0; i < order; i++) of[ORDER[i]!] = bits(3);
		const meta = code(of, true);
		const all = new Uint8Array(lengths + distances);
		for (let i = 0; i < all.length; ) {
			const s = symbol(meta);
			if (s < 16) {
				all[i++] = s;
				continue;
			}
			if (s === 16 && i === 0) throw bad('damaged');
			const value = s === 16 ? all[i - 1]! : 0;
			const run = s === 16 ? 3 + bits(2) : s === 17 ? 3 + bits(3) : 11 + bits(7);
			if (i + run > all.length) throw bad('damaged');
			all.fill(value, i, i + run);
			i += run;
		}
		if (!all[256]) throw bad('damaged');
		return [code(all.subarray(0, lengths), false), code(all.subarray(lengths), false)];
	};
	const block = ([lengths, distances]: [Code, Code]) => {
		for (;;) {
			const s = symbol(lengths);
			if (s === 256) return;
			if (s < 256) {
				put(s);
				continue;
			}
			const [base, extra] = LENGTHS[s - 257] ?? [0, 0];
			if (!base) throw bad('damaged');
			const length = base + bits(extra);
			const [far, more] = DISTANCES[symbol(distances)] ?? [0, 0];
			const distance = far + bits(more);
			if (!far || distance > size) throw bad('damaged');
			for (let i = 0; i < length; i++) put(out[size - distance]!);
		}
	};

	for (let last = 0; !last; ) {
		last = bits(1);
		const kind = bits(2);
		if (kind === 3) throw bad('damaged');
		if (kind === 0) stored();
		else block(kind === 1 ? [FIXED_LENGTHS, FIXED_DISTANCES] : dynamic());
	}
	let [a, b] = [1, 0];
	for (let i = 0; i < size; i++) {
		a = (a + out[i]!) % 65521;
		b = (b + a) % 65521;
	}
	[hold, held] = [0, 0];
	const sum = [bits(8), bits(8), bits(8), bits(8)].reduce((n, byte) => n * 256 + byte, 0);
	if (sum !== b * 65536 + a) throw bad('damaged');
	if (at !== bytes.length) throw bad('bytes after the end');
	return out.slice(0, size);
}
