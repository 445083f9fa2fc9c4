// What bench/field.sh measures. Node alone, no packages.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const [bin, out, seconds = '60'] = process.argv.slice(2);
const PORT = Number(process.env.BENCH_PORT ?? 8330);
const BASE = `http://127.0.0.1:${PORT}`;
const PHONES = 400;
const RATE = 278;
const LOAD_S = Number(seconds);
const FULL_S = Math.max(5, LOAD_S / 3);
const PCR = '00000000-0000-7000-8000-000000000001';
const command = 'bench/field.sh';
const rows = [];
const row = (id, what, value, unit, more = {}) => {
	rows.push({ id, what, value, unit, command, ...more });
	console.log(`${id.padEnd(28)} ${value.toFixed(2)} ${unit}  ${what}`);
};
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const b64 = (bytes) => Buffer.from(bytes).toString('base64url');
const quantile = (sorted, q) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? NaN;

const data = mkdtempSync(join(tmpdir(), 'greenfort-bench-'));
// One address stands for 400 phones here: the limit per address is another test's.
const env = { ...process.env, GREENFORT_ACCESS__REQUESTS_PER_SECOND: '1000000', GREENFORT_ACCESS__REQUEST_BURST: '1000000' };
const server = spawn(bin, ['--data', data, 'demo', '--port', String(PORT), '--district', '831'], { stdio: ['ignore', 'ignore', 'inherit'], env });

async function as(role) {
	const answer = await fetch(`${BASE}/api/v1/session/demo`, { method: 'POST', headers: { 'x-greenfort': '1', 'content-type': 'application/json' }, body: JSON.stringify({ role }) });
	if (!answer.ok) throw new Error(`${role}: ${answer.status}`);
	const cookie = answer.headers.getSetCookie()[0].split(';')[0];
	return async (method, path, body) => {
		const headers = { 'x-greenfort': '1', 'accept-language': 'en', cookie, ...(body && { 'content-type': 'application/json' }) };
		const got = await fetch(`${BASE}/api/v1${path}`, { method, headers, body: body && JSON.stringify(body) });
		if (!got.ok) throw new Error(`${method} ${path}: ${got.status} ${await got.text()}`);
		return got.json();
	};
}

/** An enrolled phone: its id and what signs for it. */
async function phone(admin, unit, n) {
	const { code } = await admin('POST', '/devices/codes', { label: `Bench ${n}`, unit_id: unit });
	const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify']);
	const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', pair.publicKey);
	const answer = await fetch(`${BASE}/api/v1/devices/enrol`, { method: 'POST', headers: { 'x-greenfort': '1', 'content-type': 'application/json' }, body: JSON.stringify({ code, public_key: { kty, crv, x, y } }) });
	if (!answer.ok) throw new Error(`enrol: ${answer.status} ${await answer.text()}`);
	return { id: (await answer.json()).device.id, key: pair.privateKey, seq: 0 };
}

async function seal(point, device, value) {
	const curve = { name: 'ECDH', namedCurve: 'P-256' };
	const theirs = Buffer.from(point, 'base64url');
	const mine = await crypto.subtle.generateKey(curve, false, ['deriveBits']);
	const own = new Uint8Array(await crypto.subtle.exportKey('raw', mine.publicKey));
	const shared = await crypto.subtle.deriveBits({ name: 'ECDH', public: await crypto.subtle.importKey('raw', theirs, curve, false, []) }, mine.privateKey, 256);
	const secret = await crypto.subtle.importKey('raw', shared, 'HKDF', false, ['deriveKey']);
	const how = { name: 'HKDF', hash: 'SHA-256', salt: Buffer.concat([own, theirs]), info: Buffer.from('greenfort event') };
	const key = await crypto.subtle.deriveKey(how, secret, { name: 'AES-GCM', length: 256 }, false, ['encrypt']);
	const iv = crypto.getRandomValues(new Uint8Array(12));
	const cipher = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: Buffer.from(device) }, key, Buffer.from(JSON.stringify(value)));
	return `1.${b64(Buffer.concat([own, iv, Buffer.from(cipher)]))}`;
}

let turnedAway = 0;
/** One upload of one sealed specimen; answers what the server doubts about it. */
async function upload(round, phone, sealed) {
	const body = JSON.stringify({ sent_at: new Date().toISOString(), events: [sealed] });
	const signature = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, phone.key, Buffer.from(body));
	const send = () => fetch(`${BASE}/api/v1/rounds/${round}/intake`, { method: 'POST', headers: { 'x-greenfort': '1', 'content-type': 'application/json', 'greenfort-device': phone.id, 'greenfort-signature': b64(signature) }, body });
	let answer = await send();
	// A phone that is turned away comes again with the same body, and its time runs on.
	for (; answer.status >= 500; answer = await send()) {
		turnedAway += 1;
		await answer.arrayBuffer();
		await sleep(500);
	}
	const got = await answer.json();
	if (!answer.ok || got.events[0].how === 'clash') throw new Error(`upload: ${answer.status} ${JSON.stringify(got).slice(0, 300)}`);
	return got.events[0].problems;
}

try {
	for (;;) {
		try {
			const about = await (await fetch(`${BASE}/api/v1/about`)).json();
			if (!about.loading && (await (await fetch(`${BASE}/api/v1/session/demo`)).json()).items?.length > 0) break;
		} catch {
			// not up yet
		}
		if (server.exitCode !== null) throw new Error('the server ended');
		await sleep(500);
	}
	const [office, sampler, admin] = await Promise.all([as('province_officer'), as('sampler'), as('administrator')]);
	const who = await sampler('GET', '/session');
	const commune = who.grants[0].unit.id;
	const before = await sampler('GET', '/sampling/work');
	const campaign = await office('POST', '/campaigns', { unit_id: (await office('GET', '/session')).grants[0].unit.id, name: 'Bench', purpose: 'Load' });
	const { id: round } = await office('POST', '/rounds', { campaign_id: campaign.id, starts_at: new Date(Date.parse(before.now) - 3_600_000).toISOString() });
	await office('POST', `/rounds/${round}/plan`, { unit_id: commune, whom: 'household_representatives', assay_id: PCR, pool_size: 10, pooling: 'media' });
	const work = await sampler('GET', '/sampling/work');
	const hamlets = work.rounds.find((r) => r.round.id === round).hamlets;

	const people = [];
	const fetched = [];
	for (let turn = 0; turn < 5; turn++)
		for (const { unit_id } of hamlets) {
			const began = performance.now();
			const list = await sampler('GET', `/sampling/register?round=${round}&unit=${unit_id}`);
			fetched.push(performance.now() - began);
			if (turn === 0) people.push(...list.people.map((p) => ({ ...p, unit: unit_id })));
		}
	fetched.sort((a, b) => a - b);
	row('field-register', 'A hamlet’s list with hashes of cards, slowest of the commune', quantile(fetched, 1), 'ms', { data_size: `${hamlets.length} hamlets, ${people.length} people` });

	const households = new Map();
	for (const p of people) if (p.household_id) households.set(p.household_id, [...(households.get(p.household_id) ?? []), p]);
	const homes = [...households.values()];
	const phones = [];
	for (let n = 0; n < PHONES; n++) phones.push(await phone(admin, commune, n));
	const wanted = Math.ceil(RATE * LOAD_S + 2_500 * FULL_S);
	const labels = [];
	while (labels.length < wanted) labels.push(...(await sampler('POST', '/labels', { count: 5_000 })).items);
	const offset_ms = Date.parse((await sampler('GET', '/sampling/work')).now) - Date.now();
	let made = 0;
	const next = async (phone) => {
		const n = made++;
		const [donor, ...others] = homes[n % homes.length];
		const stands_for = { household: donor.household_id, unit: donor.unit, present: others.length + 1, members: others.slice(0, 3).map((m) => ({ person: m.person_id })) };
		const what = { kind: 'collected', tube: { issuer: 'own', barcode: labels[n] }, unit: donor.unit, assay: PCR, donors: [{ person: donor.person_id, identified_by: 'list', stands_for }], seconds: 9 };
		return seal(work.seal_key, phone.id, { id: crypto.randomUUID(), seq: ++phone.seq, device_at: new Date().toISOString(), offset_ms, account: who.account.id, what });
	};

	// Open loop: an upload leaves at its time, whether or not those before it were answered.
	const ready = [];
	for (let n = 0; n < RATE * LOAD_S; n++) ready.push([phones[n % PHONES], await next(phones[n % PHONES])]);
	const times = [];
	let doubted = 0;
	const began = performance.now();
	const sent = ready.map(async ([phone, sealed], n) => {
		const at = began + (n * 1000) / RATE;
		await sleep(Math.max(0, at - performance.now()));
		doubted += (await upload(round, phone, sealed)).length > 0 ? 1 : 0;
		times.push(performance.now() - at);
	});
	await Promise.all(sent);
	times.sort((a, b) => a - b);
	const size = `${times.length} specimens with their household, ${PHONES} phones`;
	row('field-intake-p99', `Signed, sealed intake at ${RATE}/s, durable; p50 ${quantile(times, 0.5).toFixed(1)} ms, doubted ${doubted}, turned away ${turnedAway} times`, quantile(times, 0.99), 'ms', { floor: 200, aim: 50, data_size: size });

	// Closed loop: every phone sends as soon as it was answered.
	const full = [];
	const until = performance.now() + FULL_S * 1000;
	await Promise.all(
		phones.map(async (phone) => {
			while (performance.now() < until && made < labels.length) {
				const sealed = await next(phone);
				const from = performance.now();
				await upload(round, phone, sealed);
				full.push(performance.now() - from);
			}
		})
	);
	full.sort((a, b) => a - b);
	row('field-intake-rate', `Signed, sealed intake with all phones sending at once, this machine running server, database and phones; p99 ${quantile(full, 0.99).toFixed(0)} ms`, full.length / FULL_S, '1/s', { aim: 2000, higher_is_better: true, data_size: `${PHONES} phones` });

	const progress = await office('GET', `/rounds/${round}/progress?unit=${commune}`);
	const tubes = progress.items.reduce((sum, h) => sum + h.tubes, 0);
	if (tubes !== times.length + full.length) throw new Error(`${times.length + full.length} specimens were sent, ${tubes} are there`);
} finally {
	server.kill('SIGTERM');
	await new Promise((resolve) => (server.exitCode === null ? server.once('exit', resolve) : resolve()));
	rmSync(data, { recursive: true, force: true });
	writeFileSync(join(out, 'field.json'), JSON.stringify(rows, null, 1));
}
