// What a scanner, a camera or a thumb gave: the label of a tube, or the card of a person. The phone only sorts and warns; the
// server reads everything again by its own rules (domain: sampling/barcode.rs, registry/scan.rs), and both are held to
// contract/field-scans.json.

import { fold } from '#lib/format.ts';

export interface Issuer {
	code: string;
	prefix: string;
	digits: number;
}
export interface Tube {
	issuer: string;
	barcode: string;
}
export type NoTube = 'empty' | 'person' | 'check' | 'unknown';
export type NoCard = 'empty' | 'unknown' | 'tube';
export type How = 'cccd' | 'bhyt' | 'national_qr' | 'search';

/** What a card says of a person, none of it signed. */
export interface Card {
	how: How;
	/** Numbers to look for, the likeliest first. */
	numbers: string[];
	name: string;
	birthYear: number | null;
	female: boolean | null;
}

const MOST_SIGNS = 64;
const OWN = 'own';

/** ISO 7064 MOD 11,10. */
function checkDigit(digits: string): number {
	let product = 10;
	for (const d of digits) {
		const sum = (Number(d) + product) % 10;
		product = ((sum === 0 ? 10 : sum) * 2) % 11;
	}
	return (11 - product) % 10;
}

export function readTube(scanned: string, issuers: Issuer[]): Tube | NoTube {
	const line = scanned.replace(/\s/g, '').toUpperCase();
	if (line === '') return 'empty';
	if (line.includes('|') || line.startsWith('HC1:') || line.startsWith('HTTP')) return 'person';
	if ([...line].length > MOST_SIGNS) return 'unknown';
	const fits = issuers.filter((i) => line.startsWith(i.prefix) && new RegExp(`^\\d{${i.digits}}$`).test(line.slice(i.prefix.length)));
	const issuer = fits.sort((a, b) => b.prefix.length - a.prefix.length)[0];
	if (!issuer) return 'unknown';
	const digits = line.slice(issuer.prefix.length);
	if (issuer.code === OWN && Number(digits.slice(-1)) !== checkDigit(digits.slice(0, -1))) return 'check';
	return { issuer: issuer.code, barcode: line };
}

const year = (text: string): number | null => {
	const found = /(?:18|19|20)\d\d/.exec(text)?.[0];
	return found ? Number(found) : null;
};
/** Hexadecimal UTF-8, as health insurance cards write names. */
function unhex(text: string): string {
	if (!/^(?:[0-9a-f]{2})+$/i.test(text)) return '';
	const bytes = new Uint8Array((text.match(/../g) ?? []).map((pair) => parseInt(pair, 16)));
	return new TextDecoder().decode(bytes);
}
const insurance = (text: string): string | null => {
	const plain = text.replace(/\s/g, '').toUpperCase();
	if (/^[A-Z]{2}\d{13}$/.test(plain)) return plain.slice(5);
	return /^\d{10}$/.test(plain) ? plain : null;
};

export function readCard(scanned: string): Card | NoCard {
	const line = scanned.replace(/^[\s\u0000-\u001f\ufeff]+|[\s\u0000-\u001f]+$/g, '');
	if (line === '') return 'empty';
	const f = line.split('|').map((part) => part.trim());
	const [id = '', second = '', third = '', fourth = '', fifth = ''] = f;
	if (f.length === 1) {
		const bhyt = insurance(id);
		if (/^\d{12}$|^\d{9}$|^[A-Z]\d{7,8}$/.test(id) || /^\d{1,8}-\d{6,10}$/.test(id)) return { how: 'search', numbers: [id], name: '', birthYear: null, female: null };
		if (bhyt) return { how: 'bhyt', numbers: [bhyt], name: '', birthYear: null, female: null };
		return /^[A-Za-z0-9-]{6,}$/.test(id) && /\d/.test(id) ? 'tube' : 'unknown';
	}
	if (/^\d{12}$/.test(id) && f.length >= 7 && /^\d{8}$/.test(fourth)) {
		const sex = fold(fifth);
		return { how: 'cccd', numbers: [id, second].filter(Boolean), name: third, birthYear: year(fourth.slice(4)), female: sex === 'nu' ? true : sex === 'nam' ? false : null };
	}
	if ((fourth === '0' || fourth === '1') && third.length === 10 && f.length >= 5) {
		const ext = (f[5] ?? '').split('<');
		const numbers = [/^[0-9A-Z]+$/.test(id) ? id : '', insurance(ext[2] ?? '') ?? ''].filter(Boolean);
		return { how: 'national_qr', numbers, name: second, birthYear: year(third), female: ext[1] === '2' ? true : ext[1] === '1' ? false : null };
	}
	const bhyt = insurance(id);
	if (bhyt && f.length >= 4) {
		return { how: 'bhyt', numbers: [bhyt], name: unhex(second), birthYear: year(third), female: fourth === '1' ? false : fourth === '2' || fourth === '0' ? true : null };
	}
	return 'unknown';
}
