// What bench/registry.sh measures. Node alone, no packages.
import { spawn } from 'node:child_process';
import { createReadStream, createWriteStream, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';

const [bin, out, district] = process.argv.slice(2);
const PORT = Number(process.env.GREENFORT_PORT ?? 8320);
const BASE = `http://127.0.0.1:${PORT}`;
const PART = 1 << 20;
const rows = [];
const row = (id, what, value, unit, target) => {
	rows.push({ id, what, value, unit, ratio_to: null, reference: null, ratio: null, target, met: value <= target });
	console.log(`${id.padEnd(28)} ${value.toFixed(3)} ${unit}  (target ${target})  ${what}`);
};

const data = mkdtempSync(join(tmpdir(), 'greenfort-bench-'));
const server = spawn(bin, ['--data', data, 'demo', '--port', String(PORT), ...(district ? ['--district', district] : [])], {
	stdio: ['ignore', 'ignore', 'inherit'],
	// Fifty users share one account here, and one address.
	env: { ...process.env, GREENFORT_ACCESS__SEARCHES_PER_DAY: '100000', GREENFORT_ACCESS__REQUESTS_PER_SECOND: '10000' }
});
let cookie = '';
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function ask(method, path, body, raw) {
	const headers = { 'x-greenfort': '1', 'accept-language': 'vi', cookie };
	if (body !== undefined) headers['content-type'] = raw ? 'application/octet-stream' : 'application/json';
	const answer = await fetch(BASE + path, { method, headers, body: body === undefined ? undefined : raw ? body : JSON.stringify(body) });
	if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
	return answer;
}

/** Largest resident memory of the worker process since `forget`, in MB. */
function workerPeak() {
	const pids = readdirSync('/proc').filter((p) => /^\d+$/.test(p));
	for (const pid of pids) {
		try {
			const args = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
			const status = readFileSync(`/proc/${pid}/status`, 'utf8');
			// A child takes its settings from its standard input: it is known by its parent.
			if (args.includes('worker') && Number(/PPid:\s+(\d+)/.exec(status)[1]) === server.pid)
				return Number(/VmHWM:\s+(\d+)/.exec(status)[1]) / 1024;
		} catch {
			// gone meanwhile
		}
	}
	throw new Error('no worker process');
}

async function until(path, done) {
	for (;;) {
		const item = await (await ask('GET', path)).json();
		if (done(item)) return item;
		await sleep(100);
	}
}

async function exported(format, unit) {
	const began = performance.now();
	const asked = await (await ask('POST', '/api/v1/exports', { unit_id: unit, format, purpose: 'report', full_numbers: true })).json();
	const item = await until(`/api/v1/exports/${asked.id}`, (e) => e.status === 'ready' || e.status === 'failed');
	if (item.status !== 'ready') throw new Error('export failed');
	const file = join(data, `export.${format}`);
	const answer = await ask('GET', `/api/v1/exports/${asked.id}/file`);
	await finished(Readable.fromWeb(answer.body).pipe(createWriteStream(file)));
	return { seconds: (performance.now() - began) / 1000, people: item.people, file };
}

/** The export as another list of as many people: new ID numbers, 1 % of rows repeated, 1 % with a month 13. */
async function sheetOf(file) {
	const path = join(data, 'sheet.csv');
	const to = createWriteStream(path);
	let n = 0;
	const last = [];
	for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
		// Synthetic numbers have serials from 900,000 up: with another first digit they are nobody's.
		let text = n === 0 ? line : line.replace(/(\b0\d{5})9(\d{5}\b)/, '$11$2');
		if (n > 0 && n % 100 === 50) text = text.replace(/^([^,]*),[^,]*,/, '$1,05/13/1985,');
		if (n > 0 && n % 100 === 70 && last.length > 0) text = last[0];
		if (n > 0 && n % 100 < 40) last[0] = text;
		if (!to.write(text + '\r\n')) await new Promise((resolve) => to.once('drain', resolve));
		n += 1;
	}
	to.end();
	await finished(to);
	return path;
}

async function imported(path, unit) {
	const size = statSync(path).size;
	const began = performance.now();
	const item = await (await ask('POST', '/api/v1/imports', { unit_id: unit, size })).json();
	const file = await open(path);
	const part = Buffer.alloc(PART);
	for (let number = 0; number * PART < size; number++) {
		const { bytesRead } = await file.read(part, 0, PART, number * PART);
		await ask('POST', `/api/v1/imports/${item.id}/parts/${number}`, part.subarray(0, bytesRead), true);
	}
	await file.close();
	const uploaded = performance.now();
	await ask('POST', `/api/v1/imports/${item.id}/run`, { accept_rest: true });
	const done = await until(`/api/v1/imports/${item.id}`, (i) => ['applied', 'refused', 'failed'].includes(i.status));
	if (done.status !== 'applied') throw new Error(`import ${done.status}: ${done.failure}`);
	const { counts: c } = done;
	if (c.rows !== c.created + c.updated + c.unchanged + c.rejected) throw new Error('the counts do not add up');
	return { seconds: (performance.now() - began) / 1000, upload: (uploaded - began) / 1000, counts: c };
}

/** Fifty people who search once a second for half a minute. */
async function searched(names) {
	const times = [];
	const user = async (n) => {
		await sleep(20 * n);
		for (let i = 0; i < 30; i++) {
			const words = names[(n * 31 + i * 7) % names.length].split(' ');
			const q = [words.join(' '), words.slice(-2).join(' '), `${words[0]} ${words.at(-1)}`, `${words.at(-1)} 1985`][i % 4];
			const began = performance.now();
			await (await ask('POST', '/api/v1/people/search', { q })).json();
			const took = performance.now() - began;
			times.push(took);
			await sleep(Math.max(0, 1000 - took));
		}
	};
	await Promise.all(Array.from({ length: 50 }, (_, n) => user(n)));
	times.sort((a, b) => a - b);
	return { p50: times[Math.floor(times.length * 0.5)], p99: times[Math.floor(times.length * 0.99)], searches: times.length };
}

try {
	for (;;) {
		try {
			const about = await (await fetch(`${BASE}/api/v1/about`)).json();
			if (!about.loading) {
				const roles = await (await fetch(`${BASE}/api/v1/session/demo`)).json();
				if (roles.items?.length > 0) break;
			}
		} catch {
			// not up yet
		}
		if (server.exitCode !== null) throw new Error('the server ended');
		await sleep(1000);
	}
	const entered = await fetch(`${BASE}/api/v1/session/demo`, {
		method: 'POST',
		headers: { 'x-greenfort': '1', 'content-type': 'application/json' },
		body: JSON.stringify({ role: 'province_officer' })
	});
	cookie = entered.headers.getSetCookie()[0].split(';')[0];
	const session = await entered.json();
	const unit = session.grants[0].unit.id;

	const csv = await exported('csv', unit);
	row('export csv', `${csv.people} people, asked for until fetched`, csv.seconds, 's', 60);
	row('export csv memory', 'largest resident memory of the worker', workerPeak(), 'MB', 1024);
	const xlsx = await exported('xlsx', unit);
	row('export xlsx', `${xlsx.people} people, asked for until fetched`, xlsx.seconds, 's', 60);
	row('export xlsx memory', 'largest resident memory of the worker', workerPeak(), 'MB', 1024);

	const names = [];
	for await (const line of createInterface({ input: createReadStream(csv.file) })) if (names.push(line.split(',')[0]) > 200_000) break;
	const sampled = names.slice(1).filter((_, i) => i % 97 === 0);
	const search = await searched(sampled);
	row('search p99', `${search.searches} searches of 50 users among ${csv.people} people; p50 ${search.p50.toFixed(1)} ms`, search.p99, 'ms', 100);

	const sheet = await sheetOf(csv.file);
	const { seconds, upload, counts } = await imported(sheet, unit);
	row(
		'import csv',
		`${counts.rows} rows into a register of ${csv.people}: ${counts.created} created, ${counts.unchanged} repeated, ${counts.rejected} rejected; upload ${upload.toFixed(1)} s of it`,
		seconds,
		's',
		120
	);
	row('import csv memory', 'largest resident memory of the worker since its start', workerPeak(), 'MB', 1024);
} finally {
	server.kill('SIGTERM');
	await new Promise((resolve) => (server.exitCode === null ? server.once('exit', resolve) : resolve()));
	rmSync(data, { recursive: true, force: true });
	writeFileSync(join(out, 'registry.json'), JSON.stringify(rows, null, 2));
}
