import { DecodeError } from './errors.ts';
import type { Bytes } from './bytes.ts';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:';

/** Decodes base45 (RFC 9285), strictly: the alphabet only, no group that overflows, no dangling character. */
export function decodeBase45(text: string): Bytes {
	const bad = (what: string) => new DecodeError('base45', what);
	const out = new Uint8Array(Math.floor(text.length / 3) * 2 + (text.length % 3 ? 1 : 0));
	const digit = (at: number) => {
		const value = VALUES[text.charCodeAt(at)] ?? 255;
		if (value === 255) throw bad('a character outside the alphabet');
		return value;
	};
	let n = 0;
	for (let i = 0; i < text.length; i += 3) {
		const left = text.length - i;
		if (left === 1) throw bad('a dangling character');
		const value = digit(i) + 45 * digit(i + 1) + (left > 2 ? 2025 * digit(i + 2) : 0);
		if (value > (left > 2 ? 0xffff : 0xff)) throw bad('a group that overflows');
		if (left > 2) out[n++] = value >> 8;
		out[n++] = value & 0xff;
	}
	return out;
}

const VALUES = new Uint8Array(128).fill(255);
for (let i = 0; i < ALPHABET.length; i++) VALUES[ALPHABET.charCodeAt(i)] = i;
