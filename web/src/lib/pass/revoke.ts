// Revocation: a signed, versioned list with deltas, looked up by binary search in sorted, truncated hashes.
import { compare, concat, fromHex, sha256, utf8, type Bytes } from './bytes.ts';
import { Reader, writeArray, writeBytes } from './cbor.ts';
import { readSign1, toBeSigned } from './cose.ts';
import { claims as fault } from './errors.ts';
import type { Claims } from './claims.ts';
import { ListError, Usage, listFaults, type ListFault, type TrustList, type TrustedKey } from './trust.ts';

const REVOCATION_AAD = utf8('greenfort revocation list v1');

/** Bytes of an entry, by section, in the order of the wire. */
const WIDTHS = { pass: 6, holder: 6, batch: 6, uci: 8, 'country-uci': 8, signature: 8 } as const;
export type Section = keyof typeof WIDTHS;
const SECTIONS = Object.keys(WIDTHS) as Section[];

/** Sorted entries of one width, packed. */
class Packed {
	constructor(
		readonly width: number,
		readonly bytes: Bytes
	) {}

	get length(): number {
		return this.bytes.length / this.width;
	}

	entry(i: number): Bytes {
		return this.bytes.subarray(i * this.width, (i + 1) * this.width);
	}

	contains(hash: Bytes): boolean {
		const wanted = hash.subarray(0, this.width);
		for (let [low, high] = [0, this.length]; low < high; ) {
			const middle = (low + high) >> 1;
			const order = compare(this.entry(middle), wanted);
			if (order === 0) return true;
			if (order < 0) low = middle + 1;
			else high = middle;
		}
		return false;
	}

	static read(width: number, bytes: Bytes): Packed {
		const packed = new Packed(width, bytes);
		let ordered = bytes.length % width === 0;
		for (let i = 1; ordered && i < packed.length; i++) ordered = compare(packed.entry(i - 1), packed.entry(i)) < 0;
		if (!ordered) throw fault('entries not whole, or not ascending');
		return packed;
	}

	/** What is left without `removed`, together with `added`: one walk through the three. */
	changed(removed: Packed, added: Packed): Packed {
		const out: Bytes[] = [];
		let a = 0;
		for (let i = 0; i < this.length; i++) {
			const entry = this.entry(i);
			if (removed.contains(entry)) continue;
			for (; a < added.length && compare(added.entry(a), entry) < 0; a++) out.push(added.entry(a));
			if (a < added.length && compare(added.entry(a), entry) === 0) a++;
			out.push(entry);
		}
		for (; a < added.length; a++) out.push(added.entry(a));
		return new Packed(this.width, concat(...out));
	}
}

export class RevocationList {
	private constructor(
		readonly version: number,
		readonly issued: number,
		private readonly sections: readonly Packed[]
	) {}

	contains(section: Section, hash: Bytes): boolean {
		return this.sections[SECTIONS.indexOf(section)]?.contains(hash) ?? false;
	}

	length(section: Section): number {
		return this.sections[SECTIONS.indexOf(section)]?.length ?? 0;
	}

	/** Whether a pass is revoked: by the first 6 bytes of its id, by its holder or by its batch. */
	revokes({ id, holder, batch }: Claims): boolean {
		return this.contains('pass', fromHex(id)) || this.contains('holder', fromHex(holder)) || this.contains('batch', fromHex(batch));
	}

	/**
	 * Verifies a full list or a delta and gives the list that now holds. The signer is looked up in the trust list,
	 * must be unrevoked, inside its validity when the list was issued, and meant for this; `ListError` otherwise.
	 */
	static open(bytes: Bytes, trust: TrustList, inHand: RevocationList | null): Promise<RevocationList> {
		return listFaults(async () => {
			const message = readSign1(bytes);
			const signed = toBeSigned(message.protected, REVOCATION_AAD, message.payload);
			let reason: ListFault = 'unknown-key';
			let signer: TrustedKey | null = null;
			for (const key of trust.withKid(message.kid)) {
				if (key.revoked || !(key.usage & Usage.REVOCATION)) reason = 'key-usage';
				else if (await key.key.verifies(signed, message.signature)) signer = key;
				else reason = 'bad-signature';
			}
			if (!signer) throw new ListError(reason);
			const list = await RevocationList.read(message.payload, inHand);
			if (list.issued < signer.notBefore || list.issued >= signer.notAfter) throw new ListError('key-usage');
			return list;
		});
	}

	private static async read(payload: Bytes, inHand: RevocationList | null): Promise<RevocationList> {
		const r = new Reader(payload);
		const pairs = r.map();
		const field = (wanted: number) => {
			if (r.uint() !== wanted) throw fault('not the form of a revocation list');
		};
		field(1);
		const version = r.uint();
		field(2);
		const issued = r.int();
		field(3);
		const added = readSections(r);
		let delta: { base: number; removed: Packed[]; digest: Bytes } | null = null;
		if (pairs === 6) {
			field(4);
			const base = r.uint();
			field(5);
			const removed = readSections(r);
			field(6);
			delta = { base, removed, digest: r.byteString(32) };
		} else if (pairs !== 3) throw fault('not the form of a revocation list');
		r.end();
		if (inHand && version <= inHand.version) throw new ListError('not-newer');
		if (!delta) return new RevocationList(version, issued, added);
		const { base, removed, digest } = delta;
		if (inHand?.version !== base) throw new ListError('wrong-base');
		const sections = inHand.sections.map((section, i) => section.changed(removed[i]!, added[i]!));
		const now = await sha256(writeArray(...sections.map((s) => writeBytes(s.bytes))));
		if (compare(now, digest) !== 0) throw new ListError('digest');
		return new RevocationList(version, issued, sections);
	}
}

function readSections(r: Reader): Packed[] {
	if (r.array() !== SECTIONS.length) throw fault('six sections');
	return SECTIONS.map((section) => Packed.read(WIDTHS[section], r.byteString()));
}
