// The signed list of keys that a verifier trusts. It pins the root; what a token brings along counts for nothing.
import { hex, utf8, type Bytes } from './bytes.ts';
import { Reader } from './cbor.ts';
import { readSign1, toBeSigned } from './cose.ts';
import { DecodeError, claims as fault } from './errors.ts';
import { PublicKey, kidOf } from './keys.ts';

const TRUST_AAD = utf8('greenfort trust list v1');
const MOST_KEYS = 10_000;

/** What a key may sign: a set of bits. */
export const Usage = { PASS: 1, TEST: 2, VACCINATION: 4, RECOVERY: 8, REVOCATION: 16 } as const;

/** One trusted key; two may share a name. Times are UTC seconds, from inclusive, until exclusive. */
export interface TrustedKey {
	kid: string;
	key: PublicKey;
	issuer: string;
	usage: number;
	notBefore: number;
	notAfter: number;
	revoked: boolean;
}

export type ListFault = 'malformed' | 'unknown-key' | 'key-usage' | 'bad-signature' | 'not-newer' | 'wrong-base' | 'digest';

/** Why a list was not taken over. The verifier keeps the list it has. */
export class ListError extends Error {
	constructor(
		readonly code: ListFault,
		detail: string = code
	) {
		super(detail);
	}
}

/** Turns what a decoder refused into the fault of the list. */
export async function listFaults<T>(open: () => Promise<T>): Promise<T> {
	try {
		return await open();
	} catch (error) {
		throw error instanceof DecodeError ? new ListError('malformed', error.message) : error;
	}
}

export interface Root {
	kid: string;
	key: PublicKey;
}

/** The pinned root, known by its bare key. */
export async function rootOf(spki: Bytes): Promise<Root> {
	return { kid: await kidOf(spki), key: PublicKey.fromSpki(spki) };
}

export class TrustList {
	private readonly byKid = new Map<string, TrustedKey[]>();

	constructor(
		readonly version: number,
		readonly issued: number,
		keys: readonly TrustedKey[]
	) {
		for (const key of keys) this.byKid.set(key.kid, [...(this.byKid.get(key.kid) ?? []), key]);
	}

	withKid(kid: string): readonly TrustedKey[] {
		return this.byKid.get(kid) ?? [];
	}

	/** Verifies a list against the pinned root, and against the list in hand when there is one; `ListError`. */
	static open(bytes: Bytes, root: Root, inHand: TrustList | null): Promise<TrustList> {
		return listFaults(async () => {
			const message = readSign1(bytes);
			if (message.kid !== root.kid) throw new ListError('unknown-key');
			const signed = toBeSigned(message.protected, TRUST_AAD, message.payload);
			if (!(await root.key.verifies(signed, message.signature))) throw new ListError('bad-signature');
			const list = readList(message.payload);
			if (inHand && list.version <= inHand.version) throw new ListError('not-newer');
			return list;
		});
	}
}

function readList(payload: Bytes): TrustList {
	const r = new Reader(payload);
	const expect = (ok: boolean) => {
		if (!ok) throw fault('not the form of a trust list');
	};
	expect(r.map() === 3);
	expect(r.uint() === 1);
	const version = r.uint();
	expect(r.uint() === 2);
	const issued = r.int();
	expect(r.uint() === 3);
	const n = r.array();
	expect(n <= MOST_KEYS);
	const keys: TrustedKey[] = [];
	for (let i = 0; i < n; i++) keys.push(readKey(r, expect));
	r.end();
	return new TrustList(version, issued, keys);
}

function readKey(r: Reader, expect: (ok: boolean) => void): TrustedKey {
	const pairs = r.map();
	expect(pairs >= 6 && pairs <= 8);
	const field = (wanted: number) => expect(r.uint() === wanted);
	field(1);
	const kid = hex(r.byteString(8));
	field(2);
	const key = PublicKey.fromSpki(r.byteString());
	field(3);
	const issuer = r.text();
	field(4);
	const usage = r.uint();
	expect(usage <= 0xff);
	field(5);
	const notBefore = r.int();
	field(6);
	const notAfter = r.int();
	let [revoked, certificate] = [false, false];
	for (let i = 6; i < pairs; i++) {
		const next = r.uint();
		if (next === 7 && !revoked && !certificate) {
			r.yes();
			revoked = true;
		} else if (next === 8 && !certificate) {
			r.byteString();
			certificate = true;
		} else throw fault('an unknown field of a key');
	}
	return { kid, key, issuer, usage, notBefore, notAfter, revoked };
}
