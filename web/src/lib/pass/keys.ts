import { hex, sha256, type Bytes } from './bytes.ts';
import { ES256, PS256 } from './cose.ts';
import { claims } from './errors.ts';

const P256 = '3059301306072a8648ce3d020106082a8648ce3d03010703420004';
const RSA = '300d06092a864886f70d010101';

/** A public key, bound to the one algorithm it verifies: a token cannot choose another. */
export class PublicKey {
	private imported: Promise<CryptoKey> | undefined;

	private constructor(
		readonly spki: Bytes,
		readonly algorithm: typeof ES256 | typeof PS256
	) {}

	/** Reads a `SubjectPublicKeyInfo`; WebCrypto opens it when it is first asked to verify: lists have thousands. */
	static fromSpki(spki: Bytes): PublicKey {
		const start = hex(spki.subarray(0, 40));
		if (spki.length === 91 && start.startsWith(P256)) return new PublicKey(spki.slice(), ES256);
		const bits = rsaBits(spki);
		if (bits >= 2048 && bits <= 8192) return new PublicKey(spki.slice(), PS256);
		throw claims('an unsupported key');
	}

	async verifies(message: Bytes, signature: Bytes): Promise<boolean> {
		const rsa = this.algorithm === PS256;
		const kind = rsa ? { name: 'RSA-PSS', hash: 'SHA-256' } : { name: 'ECDSA', namedCurve: 'P-256' };
		try {
			this.imported ??= crypto.subtle.importKey('spki', this.spki, kind, false, ['verify']);
			const how = rsa ? { name: 'RSA-PSS', saltLength: 32 } : { name: 'ECDSA', hash: 'SHA-256' };
			return await crypto.subtle.verify(how, await this.imported, signature, message);
		} catch (error) {
			// A key that is no point of the curve verifies nothing; a device without WebCrypto is another matter.
			if (error instanceof DOMException) return false;
			throw error;
		}
	}
}

/** Bits of the modulus of an RSA key, or 0: SEQUENCE { SEQUENCE { rsaEncryption, NULL }, BIT STRING { SEQUENCE { n, e } } }. */
function rsaBits(spki: Bytes): number {
	let at = 0;
	const enter = (tag: number): number => {
		if (spki[at++] !== tag) return -1;
		let length = spki[at++] ?? 0;
		if (length > 0x80) {
			const width = length - 0x80;
			length = spki.subarray(at, at + width).reduce((n, b) => n * 256 + b, 0);
			at += width;
		}
		return length;
	};
	if (enter(0x30) !== spki.length - at || !hex(spki.subarray(at)).startsWith(RSA)) return 0;
	at += RSA.length / 2 + 2;
	if (enter(0x03) < 0 || spki[at++] !== 0 || enter(0x30) < 0) return 0;
	let length = enter(0x02);
	while (length > 0 && spki[at] === 0) [at, length] = [at + 1, length - 1];
	return length > 0 ? 8 * length - Math.clz32(spki[at] ?? 0) + 24 : 0;
}

/** The key identifier of a key without a certificate: the first 8 bytes of SHA-256 of its `SubjectPublicKeyInfo`. */
export async function kidOf(spki: Bytes): Promise<string> {
	return hex((await sha256(spki)).subarray(0, 8));
}
