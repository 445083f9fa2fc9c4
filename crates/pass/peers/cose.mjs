// The other side in JavaScript: base45, zlib and cose-js, the way published verifiers put them together.
import { inflateSync } from 'node:zlib';
import base45 from 'base45';
import cose from 'cose-js';

/** x and y of a P-256 key in SubjectPublicKeyInfo: its last 64 bytes. */
export const coordinates = (spki) => ({ x: spki.subarray(-64, -32), y: spki.subarray(-32) });

/** The bytes of the message in a token of either format. */
export function messageOf(token) {
	const bytes = Buffer.from(base45.decode(token.slice(4)));
	return token.startsWith('HC1:') && (bytes[0] & 0x0f) === 8 ? inflateSync(bytes) : bytes;
}

/** The payload when the signature is the key's; throws otherwise. */
export const payloadOf = (token, key) => cose.sign.verifySync(messageOf(token), { key });

/** A COSE_Sign1 under tag 18 with the algorithm and the key id in its protected header. */
export async function tokenOf(prefix, payload, kid, d, pack = (bytes) => bytes) {
	const message = await cose.sign.create({ p: { alg: 'ES256', kid }, u: {} }, payload, { key: { d } });
	return prefix + base45.encode(pack(message));
}
