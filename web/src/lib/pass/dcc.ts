// EU Digital COVID Certificates: HC1: → base45 → zlib → COSE_Sign1 → CWT → claim −260 → 1 → the certificate.
import { decodeBase45 } from './base45.ts';
import { sha256, utf8, type Bytes } from './bytes.ts';
import { Float, Tag, decode, get, isInteger, type Value } from './cbor.ts';
import type { Json } from './certlogic.ts';
import { ES256, readForeign, toBeSigned, type Foreign } from './cose.ts';
import { DecodeError, claims as fault, within } from './errors.ts';
import { inflate } from './inflate.ts';
import type { PublicKey } from './keys.ts';
import { Moment } from './moment.ts';
import { isObject } from './schema.ts';
import { Usage } from './trust.ts';

export const DCC_PREFIX = 'HC1:';
const MAX_CHARS = 128 * 1024;
const MAX_INFLATED = 32 * 1024;
const HCERT = -260;
/** Seconds beyond it are no date. */
const LAST = 1e15;

const USAGES = { t: Usage.TEST, v: Usage.VACCINATION, r: Usage.RECOVERY } as const;
export type Group = keyof typeof USAGES;

/** An EU certificate, decoded but neither verified nor validated. Times are UTC seconds. */
export interface Dcc {
	message: Foreign;
	issuer: string | null;
	issued: number | null;
	expires: number | null;
	payload: Json;
}

export function readDcc(token: string): Dcc {
	if (!token.startsWith(DCC_PREFIX)) throw new DecodeError('prefix', 'no HC1: in front');
	if (token.length > MAX_CHARS) throw new DecodeError('prefix', 'longer than any certificate');
	const message = readForeign(unpack(decodeBase45(token.slice(DCC_PREFIX.length))));
	const claims = within('claims', () => decode(message.payload));
	if (!(claims instanceof Map)) throw fault('the payload is no claims set');
	const hcert = get(claims, HCERT);
	if (!(hcert instanceof Map) || !hcert.has(1)) throw fault('no health certificate in claim -260');
	const issuer = get(claims, 1);
	return {
		message,
		issuer: typeof issuer === 'string' ? issuer : null,
		issued: numericDate(get(claims, 6)),
		expires: numericDate(get(claims, 4)),
		payload: toJson(get(hcert, 1))
	};
}

/** zlib, or a message as it is: compression was optional in the first year, and no message begins as zlib does. */
function unpack(bytes: Bytes): Bytes {
	const first = bytes[0] ?? 0;
	if ((first & 0x8f) === 0x08) return inflate(bytes, MAX_INFLATED);
	if (first === 0xd2 || first === 0xd8 || first === 0x84 || first === 0x9f) return bytes;
	throw new DecodeError('zlib', 'neither zlib nor COSE');
}

function numericDate(value: Value): number | null {
	if (value === undefined || value === null) return null;
	if (value instanceof Tag) return numericDate(value.inner);
	const n = value instanceof Float ? Math.floor(value.value) : isInteger(value) ? Number(value) : NaN;
	if (!(Math.abs(n) < LAST)) throw fault('a time that is no number');
	return n;
}

function toJson(value: Value): Json {
	if (value === undefined || value === null) return null;
	if (typeof value === 'boolean' || typeof value === 'string') return value;
	if (isInteger(value)) {
		if (value < -(2n ** 63n)) throw fault('a number beyond 64 bits');
		return Number(value);
	}
	if (value instanceof Tag) {
		if (value.number !== 1) return toJson(value.inner);
		// RFC 8949 §3.4.2: some issuers write times as seconds since 1970; the schema knows texts only.
		const second = numericDate(value.inner);
		const moment = second === null ? null : Moment.fromSecond(second);
		if (!moment) throw fault('a tagged time that is none');
		return moment.iso().replace('.000', '');
	}
	if (value instanceof Float) {
		if (!Number.isFinite(value.value)) throw fault('not a number');
		return value.value;
	}
	if (Array.isArray(value)) return value.map(toJson);
	if (!(value instanceof Map)) throw fault('bytes in a certificate');
	const out: { [key: string]: Json } = Object.create(null);
	for (const [key, inner] of value) {
		if (typeof key !== 'string' || !key.startsWith('t')) throw fault('a key that is no text');
		out[key.slice(1)] = toJson(inner);
	}
	return out;
}

/** Whether the signature is this key's, with the algorithm of the key and no other. */
export async function verifiesDcc({ message }: Dcc, key: PublicKey): Promise<boolean> {
	if (message.algorithm !== key.algorithm) return false;
	return key.verifies(toBeSigned(message.protected, new Uint8Array(), message.payload), message.signature);
}

/** What the certificate is about, its one entry, and what a signer needs to be allowed; `null` unless it is one thing. */
export function groupOf({ payload }: Dcc): { group: Group; entry: Json | undefined; usage: number } | null {
	if (!isObject(payload)) return null;
	const present = (Object.keys(USAGES) as Group[]).filter((key) => {
		const entries = payload[key];
		return Array.isArray(entries) && entries.length > 0;
	});
	const group = present[0];
	return group && present.length === 1 ? { group, entry: (payload[group] as Json[])[0], usage: USAGES[group] } : null;
}

/** The published revocation hashes of a certificate: UCI, COUNTRYCODEUCI, and SIGNATURE (r alone for ES256). */
export async function revocationHashes(dcc: Dcc): Promise<['uci' | 'country-uci' | 'signature', Bytes][]> {
	const entry = groupOf(dcc)?.entry;
	const { ci, co } = isObject(entry) ? entry : {};
	const country = dcc.issuer ?? co;
	const { algorithm, signature } = dcc.message;
	const signed = algorithm === ES256 ? signature.slice(0, Math.floor(signature.length / 2)) : signature;
	return [
		...(typeof ci === 'string' ? [['uci', await sha256(utf8(ci))] as ['uci', Bytes]] : []),
		...(typeof ci === 'string' && typeof country === 'string'
			? [['country-uci', await sha256(utf8(country + ci))] as ['country-uci', Bytes]]
			: []),
		['signature', await sha256(signed)]
	];
}
