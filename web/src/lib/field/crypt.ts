// The phone's cryptography, all WebCrypto. The register lies under a key that the server issues for a day; the phone keeps
// that key only wrapped by one derived from the PIN. Events are sealed to the server the moment they happen.

import { base64url } from '#lib/device.ts';
import type { Locked } from './store.ts';

/** OWASP's figure for PBKDF2 with HMAC-SHA-512 is 210,000: about half a second on an old phone, once a shift. */
const ROUNDS = 210_000;
const utf8 = new TextEncoder();
const text = new TextDecoder();

export interface Wrapped extends Locked {
	salt: Uint8Array<ArrayBuffer>;
}

export function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
	const plain = atob(base64.replace(/-/g, '+').replace(/_/g, '/'));
	const out = new Uint8Array(plain.length);
	for (let at = 0; at < plain.length; at++) out[at] = plain.charCodeAt(at);
	return out;
}

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));

async function fromPin(pin: string, salt: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
	const base = await crypto.subtle.importKey('raw', utf8.encode(pin), 'PBKDF2', false, ['deriveKey']);
	const how = { name: 'PBKDF2', hash: 'SHA-512', salt, iterations: ROUNDS };
	return crypto.subtle.deriveKey(how, base, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
}

const aes = (raw: BufferSource) => crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt']);

/** The key of the shift, usable but not to be carried away, and what of it may lie on the phone. */
export async function wrapKey(pin: string, raw: Uint8Array<ArrayBuffer>): Promise<{ key: CryptoKey; wrapped: Wrapped }> {
	const [salt, iv] = [random(16), random(12)];
	const data = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, await fromPin(pin, salt), raw);
	return { key: await aes(raw), wrapped: { salt, iv, data } };
}

/** Null: a wrong PIN. */
export async function unwrapKey(pin: string, { salt, iv, data }: Wrapped): Promise<CryptoKey | null> {
	try {
		return await aes(await crypto.subtle.decrypt({ name: 'AES-GCM', iv }, await fromPin(pin, salt), data));
	} catch {
		return null;
	}
}

export async function lock(key: CryptoKey, value: unknown): Promise<Locked> {
	const iv = random(12);
	return { iv, data: await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, utf8.encode(JSON.stringify(value))) };
}
export async function unlock<T>(key: CryptoKey, { iv, data }: Locked): Promise<T> {
	return JSON.parse(text.decode(await crypto.subtle.decrypt({ name: 'AES-GCM', iv }, key, data))) as T;
}

/** `1.` and base64url of an ephemeral point, a nonce and the ciphertext; the server's sealed.rs opens it. */
export async function sealTo(point: string, device: string, value: unknown): Promise<string> {
	const curve = { name: 'ECDH', namedCurve: 'P-256' };
	const theirs = bytesOf(point);
	const [mine, their] = await Promise.all([
		crypto.subtle.generateKey(curve, false, ['deriveBits']),
		crypto.subtle.importKey('raw', theirs, curve, false, [])
	]);
	const own = new Uint8Array(await crypto.subtle.exportKey('raw', mine.publicKey));
	const shared = await crypto.subtle.deriveBits({ name: 'ECDH', public: their }, mine.privateKey, 256);
	const secret = await crypto.subtle.importKey('raw', shared, 'HKDF', false, ['deriveKey']);
	const salt = new Uint8Array([...own, ...theirs]);
	const how = { name: 'HKDF', hash: 'SHA-256', salt, info: utf8.encode('greenfort event') };
	const key = await crypto.subtle.deriveKey(how, secret, { name: 'AES-GCM', length: 256 }, false, ['encrypt']);
	const iv = random(12);
	const made = { name: 'AES-GCM', iv, additionalData: utf8.encode(device) };
	const cipher = await crypto.subtle.encrypt(made, key, utf8.encode(JSON.stringify(value)));
	return `1.${base64url(new Uint8Array([...own, ...iv, ...new Uint8Array(cipher)]))}`;
}

/** The hash under which the register knows the number on a card. */
export async function cardHash(key: string, number: string): Promise<string> {
	const hmac = await crypto.subtle.importKey('raw', bytesOf(key), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
	return base64url(new Uint8Array(await crypto.subtle.sign('HMAC', hmac, utf8.encode(number))).slice(0, 12));
}
