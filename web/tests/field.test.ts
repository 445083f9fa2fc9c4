import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { writtenTime } from '#lib/field/capture.svelte.ts';
import { cassettes, outcome, phase } from '#lib/field/cassette.ts';
import { lock, sealTo, unlock, unwrapKey, wrapKey } from '#lib/field/crypt.ts';
import { collected, doubt, mayTick, others, room, type Draft } from '#lib/field/draft.ts';
import { search, standings, tubes, type Entry, type Person } from '#lib/field/list.ts';
import { pinIsWeak } from '#lib/field/pin.ts';
import { readCard, readTube, type Issuer } from '#lib/field/scan.ts';
import { viSampling } from '#lib/i18n/vi.sampling.ts';
import type { Assay, HamletPlan, SentWhat } from '#lib/api/types.ts';

const person = (n: number, more: Partial<Person> = {}): Person => ({
	person_id: `p${n}`, household_id: 'h1', walk_order: 1, address: 'Ấp 3', name: `Người ${n}`, birth_year: 1960 + n, female: true,
	relation: 'head', expected: 'represented', choice: n, reasons: [], cards: [], ...more
});
const tube = { issuer: 'own', barcode: 'GF0000000013' };
let seq = 0;
const entry = (what: SentWhat, more: Partial<Entry> = {}): Entry => ({ seq: ++seq, id: `e${seq}`, at: seq * 1000, what, names: {}, arrived: false, problems: [], ...more });
const swab = (donor: string, members: string[] = [], more: object = {}): SentWhat => ({
	kind: 'collected', tube, unit: 3, assay: 'rapid',
	donors: [{ person: donor, identified_by: 'list', stands_for: { household: 'h1', unit: 3, present: members.length + 1, members: members.map((m) => ({ person: m })) } }], ...more
});
const plan = { unit_id: 3, whom: 'household_representatives', pooling: 'swab', pool_size: 5 } as HamletPlan;
const assay = { id: 'rapid', method: 'rapid_antigen', most_donors: 3, read_after_s: 900, read_until_s: 1800 } as Assay;

describe('what was scanned', () => {
	const cases = JSON.parse(readFileSync(new URL('../../contract/field-scans.json', import.meta.url), 'utf8')) as {
		issuers: Issuer[];
		tubes: { scanned: string; tube?: object; why?: string }[];
		cards: { scanned: string; numbers?: string[]; birth_year?: number; female?: boolean; why?: string }[];
	};
	it('is the label of a tube as the server reads it', () => {
		for (const c of cases.tubes) expect(readTube(c.scanned, cases.issuers), c.scanned).toEqual(c.tube ?? c.why);
	});
	it('is the card of a person as the server reads it', () => {
		for (const c of cases.cards) {
			const read = readCard(c.scanned);
			if (c.why) expect(read, c.scanned).toBe(c.why);
			else expect(read, c.scanned).toMatchObject({ numbers: c.numbers, birthYear: c.birth_year, female: c.female });
		}
	});
});

describe('how far people were reached', () => {
	it('follows the phone: a swab says most, being represented less, a visit least, and a tube taken back nothing', () => {
		const people = [person(1), person(2), person(3), person(4, { reach: 'absent', reason: 'at_work' })];
		const first = entry(swab('p1', ['p2']));
		const journal = [first, entry({ kind: 'visited', person: 'p2', unit: 3, reach: 'absent', reason: 'at_work' })];
		let found = standings(people, journal);
		expect([...found].map(([id, s]) => [id, s.reach])).toEqual([['p4', 'absent'], ['p1', 'collected'], ['p2', 'represented']]);
		journal.push(entry({ kind: 'voided', specimen: first.id, tube, reason: 'wrong_person' }));
		found = standings(people, journal);
		expect([...found].map(([id, s]) => [id, s.reach])).toEqual([['p4', 'absent'], ['p2', 'absent']]);
		expect(tubes(journal)).toEqual([]);
	});
	it('forgets what the server says of a specimen that was taken back here', () => {
		const back = entry({ kind: 'voided', specimen: 'e-old', tube, reason: 'wrong_tube' });
		expect(standings([person(1, { reach: 'collected', specimen_id: 'e-old' })], [back]).size).toBe(0);
	});
	it('finds a name without its marks, and two of one name by the year', () => {
		const people = [person(1, { name: 'Nguyễn Thị Đào' }), person(2, { name: 'Nguyễn Thị Đào', birth_year: 1990 }), person(3, { name: 'Trần Văn Ba' })];
		expect(search(people, 'dao')).toHaveLength(2);
		expect(search(people, 'nguyen dao 1990').map((p) => p.person_id)).toEqual(['p2']);
		expect(search(people, '  ')).toEqual([]);
	});
});

describe('a tube being filled', () => {
	const draft = (...donors: Person[]): Draft => ({ tube, at: 0, donors: donors.map((p) => ({ person: p, by: 'list', stands: null })) });
	it('takes as many swabs as plan and kit allow', () => {
		expect(room(plan, assay)).toBe(3);
		expect(room({ ...plan, pooling: 'media' }, assay)).toBe(1);
		expect(doubt(draft(person(1)), person(1), 3, undefined)).toBe('twice');
		expect(doubt(draft(person(1), person(2), person(3)), person(4), 3, undefined)).toBe('full');
		expect(doubt(draft(), person(1), 3, { reach: 'collected', reason: null, here: false })).toBe('collected');
		expect(doubt({ ...draft(), follows: 'e1' }, person(1), 3, { reach: 'collected', reason: null, here: true })).toBeNull();
	});
	it('lets nobody tick an F1, or somebody whose swab is in the tube', () => {
		const people = [person(1), person(2, { barred: 'contact' }), person(3)];
		expect(others(plan, people[0]!, people)?.people).toHaveLength(2);
		expect(mayTick(draft(person(1)), people[1]!, undefined)).toBe('barred');
		expect(mayTick(draft(person(3)), people[2]!, undefined)).toBe('donor');
		expect(others({ ...plan, whom: 'everyone' }, people[0]!, people)).toBeNull();
		expect(others({ ...plan, whom: 'group_representatives' }, person(1, { group_id: 'g' }), [person(1, { group_id: 'g' }), person(5, { group_id: 'g', household_id: 'h9' })])?.for).toEqual({ group: 'g' });
	});
	it('becomes the event the server knows', () => {
		const of: Draft = { ...draft(), at: 1_000, donors: [{ person: person(1), by: 'cccd', stands: { for: { household: 'h1' }, unit: 3, members: [person(2)], present: 3 } }] };
		expect(collected(of, plan, 'pcr', 12_000).what).toEqual({
			kind: 'collected', tube, unit: 3, assay: 'pcr', seconds: 11,
			donors: [{ person: 'p1', identified_by: 'cccd', stands_for: { household: 'h1', unit: 3, present: 3, members: [{ person: 'p2' }] } }]
		});
	});
	it('from paper carries the last time a clock showed what is written', () => {
		const now = Date.parse('2021-09-08T00:30:00+07:00');
		expect(writtenTime('00:10', now)).toBe(Date.parse('2021-09-08T00:10:00+07:00'));
		expect(writtenTime('22:05', now)).toBe(Date.parse('2021-09-07T22:05:00+07:00'));
		expect(writtenTime('24:00', now)).toBeNull();
	});
});

describe('a cassette', () => {
	it('is read inside its window only', () => {
		const at = (seconds: number) => phase(0, seconds * 1000, 900, 1800);
		expect(at(899)).toEqual({ is: 'waiting', seconds: 1 });
		expect(at(900)).toEqual({ is: 'readable', seconds: 900 });
		expect(at(1801)).toEqual({ is: 'over' });
	});
	it('without a control line is void, and a positive stays on top until its PCR tube is taken', () => {
		expect([outcome(false, true), outcome(true, true), outcome(true, false)]).toEqual(['invalid', 'presumptive', 'negative']);
		const [one, two] = [entry(swab('p1')), entry(swab('p2'))];
		const read = entry({ kind: 'cassette_read', specimen: two.id, tube, drops_at: '', control_line: true, test_line: true });
		const journal = [one, two, read];
		expect(cassettes(journal, [assay]).map((c) => [c.entry.id, c.read, c.confirmed])).toEqual([[one.id, null, false], [two.id, 'presumptive', false]]);
		journal.push(entry(swab('p2', [], { assay: 'pcr', follows: two.id })));
		expect(cassettes(journal, [assay]).find((c) => c.entry.id === two.id)?.confirmed).toBe(true);
	});
});

describe('the keys of a shift', () => {
	it('open with the PIN alone', async () => {
		const { key, wrapped } = await wrapKey('493817', crypto.getRandomValues(new Uint8Array(32)));
		const row = await lock(key, { name: 'Nguyễn' });
		expect(new TextDecoder().decode(row.data)).not.toContain('Nguy');
		expect(await unwrapKey('493818', wrapped)).toBeNull();
		const again = await unwrapKey('493817', wrapped);
		expect(await unlock(again!, row)).toEqual({ name: 'Nguyễn' });
		await expect(crypto.subtle.exportKey('raw', again!)).rejects.toThrow();
	});
	it('leave no name readable in what is sealed to the server', async () => {
		const pair = await crypto.subtle.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, true, ['deriveBits']);
		const point = Buffer.from(await crypto.subtle.exportKey('raw', pair.publicKey)).toString('base64url');
		const [one, two] = [await sealTo(point, 'd', { name: 'A' }), await sealTo(point, 'd', { name: 'A' })];
		expect(one).toMatch(/^1\.[\w-]+$/);
		expect(one).not.toBe(two);
	});
	it('refuse a PIN that is guessed first', () => {
		expect(['12345', '123456', '987654', '111111', '1a3456'].map(pinIsWeak)).not.toContain(false);
		expect(pinIsWeak('493817')).toBe(false);
	});
});

describe('every problem the server can name', () => {
	it('has words', () => {
		const rust = ['time', 'reduce'].map((f) => readFileSync(new URL(`../../crates/domain/src/sampling/${f}.rs`, import.meta.url), 'utf8')).join('');
		const named = [...rust.matchAll(/Self::\w+(?:\([\w:]+\))? => "([a-z_]+)"/g)].map((m) => m[1]!);
		expect(named.length).toBeGreaterThan(18);
		for (const word of named) expect(viSampling.problems[word], word).toBeTruthy();
	});
});
