// COSE_Sign1 (RFC 9052 §4.2) in the two strictnesses of cbor.ts.
import { hex, type Bytes } from './bytes.ts';
import { Reader, Tag, decode, get, isInteger, writeArray, writeBytes, writeText, type Value } from './cbor.ts';
import { DecodeError, cose } from './errors.ts';

export const ES256 = -7;
export const PS256 = -37;
const TAG_SIGN1 = 18;
const TAG_CWT = 61;

/** What Greenfort signs, taken apart. */
export interface Sign1 {
	protected: Bytes;
	/** The key it names, hexadecimal. */
	kid: string;
	payload: Bytes;
	/** r ‖ s. */
	signature: Bytes;
}

/** Reads `18([<<{1: -7, 4: kid}>>, {}, payload, signature])`: exactly this header, nothing beside it. */
export function readSign1(bytes: Bytes): Sign1 {
	const r = new Reader(bytes);
	if (r.tag() !== TAG_SIGN1 || r.array() !== 4) throw cose('not a COSE_Sign1');
	const header = r.byteString();
	const kid = readHeader(header);
	if (r.map() !== 0) throw cose('an unprotected header');
	const payload = r.byteString();
	const signature = r.byteString(64);
	r.end();
	return { protected: header, kid, payload, signature };
}

function readHeader(bytes: Bytes): string {
	const r = new Reader(bytes);
	const pairs = r.map();
	if (pairs === 0 || r.uint() !== 1) throw new DecodeError('algorithm', 'no protected algorithm');
	if (r.int() !== ES256) throw new DecodeError('algorithm', 'not ES256');
	if (pairs !== 2 || r.uint() !== 4) throw cose('a header other than algorithm and key id');
	const kid = hex(r.byteString(8));
	r.end();
	return kid;
}

/** `Sig_structure` of RFC 9052 §4.4. */
export function toBeSigned(header: Bytes, externalAad: Bytes, payload: Bytes): Bytes {
	return writeArray(writeText('Signature1'), writeBytes(header), writeBytes(externalAad), writeBytes(payload));
}

/** A COSE_Sign1 of another issuer. */
export interface Foreign {
	protected: Bytes;
	algorithm: number | null;
	kid: string | null;
	payload: Bytes;
	signature: Bytes;
}

/**
 * Reads a COSE_Sign1 under tag 18, under 61 and 18, or under none. The protected algorithm and key id win over
 * unprotected ones; every other header is ignored.
 */
export function readForeign(bytes: Bytes): Foreign {
	let value = decode(bytes);
	for (const tag of [TAG_CWT, TAG_SIGN1]) if (value instanceof Tag && value.number === tag) value = value.inner;
	if (!Array.isArray(value) || value.length !== 4) throw cose('not a COSE_Sign1');
	const [header, open, payload, signature] = value;
	if (!isBytes(header) || !(open instanceof Map) || !isBytes(payload) || !isBytes(signature)) throw cose('elements of other types');
	const fields = header.length === 0 ? new Map() : decode(header);
	if (!(fields instanceof Map)) throw cose('the protected header is no map');
	const either = (key: number): Value => (fields.has(key) ? get(fields, key) : get(open, key));
	const [algorithm, kid] = [either(1), either(4)];
	return {
		protected: header,
		algorithm: isInteger(algorithm) ? Number(algorithm) : null,
		kid: isBytes(kid) ? hex(kid) : null,
		payload,
		signature
	};
}

const isBytes = (value: Value): value is Bytes => value instanceof Uint8Array;
