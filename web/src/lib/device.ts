// The key of an enrolled device: P-256, made here, not extractable, kept in IndexedDB. Even a script on this page
// can only ask for signatures; nobody can carry the key to another phone.

import type { PublicKey } from './api/types';

const DB = 'greenfort';
const STORE = 'device';
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' } as const;

export interface EnrolledDevice {
	id: string;
	label: string;
	key: CryptoKey;
}

/** WebCrypto and IndexedDB exist only in a secure context (https, or localhost). */
export function canKeepKeys(): boolean {
	return typeof indexedDB !== 'undefined' && typeof crypto !== 'undefined' && crypto.subtle !== undefined;
}

export async function newKeyPair(): Promise<{ key: CryptoKey; publicJwk: PublicKey }> {
	const pair = await crypto.subtle.generateKey(ALGORITHM, false, ['sign', 'verify']);
	const { kty, crv, x, y } = (await crypto.subtle.exportKey('jwk', pair.publicKey)) as PublicKey;
	return { key: pair.privateKey, publicJwk: { kty, crv, x, y } };
}

/** ES256 over the nonce's UTF-8 bytes; WebCrypto gives r‖s (64 bytes), sent as base64url. */
export async function sign(key: CryptoKey, nonce: string): Promise<string> {
	const signature = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, key, new TextEncoder().encode(nonce));
	return base64url(new Uint8Array(signature));
}

export function base64url(bytes: Uint8Array): string {
	let text = '';
	for (const byte of bytes) text += String.fromCharCode(byte);
	return btoa(text).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
	return new Promise((resolve, reject) => {
		request.onsuccess = () => resolve(request.result);
		request.onerror = () => reject(request.error ?? new Error('IndexedDB refused'));
	});
}

async function withStore<T>(mode: IDBTransactionMode, act: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
	const open = indexedDB.open(DB, 1);
	open.onupgradeneeded = () => open.result.createObjectStore(STORE);
	const db = await settled(open);
	try {
		return await settled(act(db.transaction(STORE, mode).objectStore(STORE)));
	} finally {
		db.close();
	}
}

export const saveDevice = (device: EnrolledDevice) => withStore('readwrite', (s) => s.put(device, 'this'));
export const thisDevice = () => withStore<EnrolledDevice | undefined>('readonly', (s) => s.get('this'));
