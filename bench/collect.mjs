#!/usr/bin/env node
// Merges the rows that the benchmarks wrote into bench/results.json and bench/results.html, and says which limits are missed.
//   node bench/collect.mjs FOLDER        FOLDER holds one list of rows for each program, *.json
// A row: id, what, value, unit; data_size and command where the program knows them; ratio and ratio_to where there is a
// peer or a physical limit in the same run; floor (must) and aim (should), about the ratio where there is one, else about
// the value; higher_is_better is true for ratios and false for values in s, ms or bytes unless the row says otherwise.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const folder = process.argv[2];
if (!folder) {
	console.error('usage: node bench/collect.mjs FOLDER');
	process.exit(2);
}

const smallerIsBetter = new Set(['s', 'ms', 'µs', 'B', 'kB', 'MB', 'MiB', 'GB']);

/** What a row is judged by: `met` null where it names no floor. */
export function judge(row) {
	const measured = row.ratio ?? row.value;
	const higher = row.higher_is_better ?? (row.ratio != null || !smallerIsBetter.has(row.unit));
	const reaches = (limit) => (limit == null ? null : higher ? measured >= limit : measured <= limit);
	return { ...row, higher_is_better: higher, met: reaches(row.floor), aim_met: reaches(row.aim) };
}

const problems = [];
const rows = [];
const seen = new Set();
for (const file of readdirSync(folder).filter((f) => f.endsWith('.json')).sort()) {
	for (const row of JSON.parse(readFileSync(join(folder, file), 'utf8'))) {
		for (const field of ['id', 'what', 'unit']) if (!row[field]) problems.push(`${file}: a row without ${field}`);
		if (!Number.isFinite(row.value)) problems.push(`${file}: ${row.id}: the value ${row.value} is no number`);
		if (row.ratio != null && !row.ratio_to) problems.push(`${file}: ${row.id}: a ratio to what?`);
		if (seen.has(row.id)) problems.push(`${file}: ${row.id} is there twice`);
		seen.add(row.id);
		rows.push({ ...judge(row), program: file.replace(/\.json$/, '') });
	}
}
if (rows.length === 0) problems.push(`no rows in ${folder}`);
if (problems.length > 0) {
	console.error(problems.join('\n'));
	process.exit(1);
}

const git = (...words) => execFileSync('git', words, { cwd: here, encoding: 'utf8' }).trim();
const machine = `${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB`;
const changed = git('status', '--porcelain', '--untracked-files=no') ? ' and what is not committed' : '';
const results = { commit: git('rev-parse', '--short', 'HEAD') + changed, machine, taken: new Date().toISOString(), rows };
writeFileSync(join(here, 'results.json'), JSON.stringify(results, null, 1) + '\n');

const number = (n) => (n == null ? '–' : Number(n.toPrecision(4)).toLocaleString('en'));
const escape = (t) => String(t ?? '').replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
const word = (row) => (row.met === null ? '' : !row.met ? 'below the floor' : row.aim_met === false ? 'floor' : 'met');
const cells = (row) => [
	escape(row.id),
	escape(row.what),
	escape(row.data_size),
	`${number(row.value)} ${escape(row.unit)}`,
	row.ratio == null ? '' : `${number(row.ratio)} of ${escape(row.ratio_to)}`,
	number(row.floor),
	number(row.aim),
	word(row)
];
const head = ['id', 'what', 'data', 'measured', 'ratio', 'floor', 'aim', ''];
const line = (tag, list) => `<tr>${list.map((c) => `<${tag}>${c}</${tag}>`).join('')}</tr>`;
writeFileSync(
	join(here, 'results.html'),
	`<!doctype html><html lang="en"><meta charset="utf-8"><title>Greenfort: measured</title>
<style>body{font:16px/1.5 system-ui;margin:2rem}td,th{text-align:left;padding:.2rem .8rem;border-bottom:1px solid #ccc}</style>
<h1>Measured</h1><p>Commit ${escape(results.commit)}, ${escape(machine)}, ${results.taken}. Command: <code>make bench</code>.</p>
<table><thead>${line('th', head)}</thead><tbody>
${rows.map((row) => line('td', cells(row))).join('\n')}
</tbody></table></html>
`
);

for (const row of rows) console.log([row.id.padEnd(28), `${number(row.value)} ${row.unit}`.padEnd(18), row.ratio == null ? '' : `${number(row.ratio)} of ${row.ratio_to}`, word(row)].join('  '));
const missed = rows.filter((row) => row.met === false);
console.log(`${rows.length} rows, ${missed.length} below the floor${missed.length ? ': ' + missed.map((r) => r.id).join(', ') : ''}`);
process.exit(missed.length > 0 ? 1 : 0);
