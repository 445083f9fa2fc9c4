import { webcrypto } from 'node:crypto';
import { request } from '@playwright/test';
import { expect } from './app.ts';
import { as, ask, PCR, subjects, type Field, type Subject } from './field.ts';

interface Phone {
	id: string;
	key: webcrypto.CryptoKey;
	account: string;
	seq: number;
}

/** A phone without a page: enrolled, with a key of its own. */
export async function bareFieldPhone(base: string, field: Field): Promise<Phone> {
	const { code } = await ask<{ code: string }>(field.lead, 'post', '/devices/codes', { label: 'Máy không màn hình', unit_id: field.commune });
	const pair = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
	const { kty, crv, x, y } = await webcrypto.subtle.exportKey('jwk', pair.publicKey);
	const stranger = await request.newContext({ baseURL: base, extraHTTPHeaders: { 'x-greenfort': '1' } });
	const answer = await stranger.post('/api/v1/devices/enrol', { data: { code, public_key: { kty, crv, x, y } } });
	expect(answer.status()).toBeLessThan(300);
	const { device } = (await answer.json()) as { device: { id: string } };
	await stranger.dispose();
	const { account } = await ask<{ account: { id: string } }>(field.sampler, 'get', '/session');
	return { id: device.id, key: pair.privateKey, account: account.id, seq: 0 };
}

export interface Swab {
	label: string;
	donor: Subject;
	members: Subject[];
}

/** Representatives of households nobody has reached, each with those who live with them. */
export async function households(field: Field, unit: number, count: number): Promise<{ donor: Subject; members: Subject[] }[]> {
	const all = await subjects(field, unit);
	const free = all.filter((p) => p.choice === 1 && !p.reach && p.household_id);
	const homes = free.map((donor) => ({ donor, members: all.filter((p) => p.household_id === donor.household_id && p.person_id !== donor.person_id) }));
	return homes.filter((home) => home.members.length > 0 && home.members.every((m) => !m.reach)).slice(0, count);
}

/** Sends swabs as the phone would: signed, each tube with its representative and who lives there now. */
export async function sendSwabs(base: string, field: Field, phone: Phone, unit: number, swabs: Swab[]): Promise<void> {
	const { now } = await ask<{ now: string }>(field.sampler, 'get', '/sampling/work');
	const events = swabs.map((swab) => ({
		id: webcrypto.randomUUID(),
		seq: ++phone.seq,
		device_at: now,
		offset_ms: 0,
		account: phone.account,
		what: {
			kind: 'collected',
			tube: { issuer: 'own', barcode: swab.label },
			unit,
			assay: PCR,
			donors: [
				{
					person: swab.donor.person_id,
					identified_by: 'list',
					stands_for: { household: swab.donor.household_id, unit, present: swab.members.length + 1, members: swab.members.map((m) => ({ person: m.person_id })) }
				}
			]
		}
	}));
	const body = Buffer.from(JSON.stringify({ sent_at: now, events }));
	const signature = Buffer.from(await webcrypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, phone.key, body)).toString('base64url');
	const stranger = await request.newContext({ baseURL: base });
	const answer = await stranger.post(`/api/v1/rounds/${field.round}/intake`, {
		data: body,
		headers: { 'content-type': 'application/json', 'greenfort-device': phone.id, 'greenfort-signature': signature }
	});
	expect(answer.status(), await answer.text()).toBe(200);
	const taken = (await answer.json()) as { events: { problems: string[] }[] };
	expect(taken.events.flatMap((e) => e.problems)).toEqual([]);
	await stranger.dispose();
}

/** The laboratory of the demonstration's technician, entered once. */
export async function laboratory(base: string): Promise<string> {
	const technician = await as(base, 'lab_technician');
	const known = await ask<{ items: { id: string }[] }>(technician, 'get', '/laboratories');
	if (known.items[0]) return known.items[0].id;
	const { grants } = await ask<{ grants: { unit: { id: number } | null }[] }>(technician, 'get', '/session');
	const office = await as(base, 'administrator');
	const made = await ask<{ id: string }>(office, 'post', '/laboratories', { unit_id: grants[0]?.unit?.id, name: 'CDC Bến Tre', confirms: true });
	return made.id;
}

/** What a QuantStudio exports: controls in order, and the Ct of both genes of each sample (null: it never rose). */
export function resultFile(samples: [well: string, label: string, ct: string | null][]): Buffer {
	const lines = ['Instrument Type;QuantStudio 5', '', 'Well Position;Sample Name;Target Name;CT'];
	const well = (at: string, name: string, cts: [string, string, string]) => ['E', 'RdRP', 'IC'].forEach((target, n) => lines.push(`${at};${name};${target};${cts[n]}`));
	for (const [at, label, ct] of samples) well(at, label, [ct ?? 'Undetermined', ct ?? 'Undetermined', '27,1']);
	well('H11', 'NTC', ['Undetermined', 'Undetermined', 'Undetermined']);
	well('H12', 'PC', ['25,3', '26,1', '28']);
	return Buffer.from(lines.join('\n'));
}
