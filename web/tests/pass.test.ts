import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { decodeBase45 } from '#lib/pass/base45.ts';
import { decode } from '#lib/pass/cbor.ts';
import { DecodeError } from '#lib/pass/errors.ts';
import { inflate } from '#lib/pass/inflate.ts';
import { Moment } from '#lib/pass/moment.ts';
import {
	ListError,
	REASONS,
	RevocationList,
	RuleError,
	TrustList,
	claimsToJson,
	evaluate,
	fromBase64,
	peekPass,
	policyOf,
	readDcc,
	rootOf,
	verify,
	type Bytes,
	type Checkpoint,
	type Json
} from '#lib/pass/index.ts';

const VECTORS = new URL('../../contract/pass-vectors/', import.meta.url);
const load = (name: string) => JSON.parse(readFileSync(new URL(name, VECTORS), 'utf8'));

interface Token {
	id: string;
	text: string;
	decoded: (Json & { dcc?: Json }) | null;
}
interface List {
	id: string;
	b64: string;
	in_hand: string | null;
	expected: string;
}
interface Case {
	id: string;
	token: string;
	trust: string;
	revocations: string | null;
	policy: object;
	clock: { now: number; trusted: boolean };
	expected: { verdict: string; reason: string };
}

const tokens: Token[] = load('tokens.json');
const textOf = new Map(tokens.map((token) => [token.id, token.text]));
const trustFile = load('trust.json');
const revocationFile = load('revocations.json');

/** Opens every list with the list in hand that the vectors name: what came out, and the lists that were taken. */
async function openAll<T>(lists: List[], open: (bytes: Bytes, inHand: T | null) => Promise<T>) {
	const good = new Map<string, T>();
	const outcomes: Record<string, string> = {};
	for (const { id, b64, in_hand } of lists) {
		try {
			good.set(id, await open(fromBase64(b64), in_hand === null ? null : good.get(in_hand)!));
			outcomes[id] = 'ok';
		} catch (error) {
			if (!(error instanceof ListError)) throw error;
			outcomes[id] = error.code;
		}
	}
	return { good, outcomes };
}

const root = await rootOf(fromBase64(trustFile.root.spki));
const trust = await openAll<TrustList>(trustFile.lists, (bytes, inHand) => TrustList.open(bytes, root, inHand));
const trusted = trust.good.get(revocationFile.trust)!;
const revocations = await openAll<RevocationList>(revocationFile.lists, (bytes, inHand) => RevocationList.open(bytes, trusted, inHand));
const expectedOf = (lists: List[]) => Object.fromEntries(lists.map((list) => [list.id, list.expected]));

const NOW = 1_631_062_800;
const gate: Checkpoint = {
	trust: trusted,
	revocations: revocations.good.get('delta-43')!,
	policy: policyOf({}),
	clock: { now: NOW, trusted: true }
};

describe('the pass verifier and the common vectors', () => {
	it('takes and refuses the lists that the vectors say', () => {
		expect(root.kid).toBe(trustFile.root.kid);
		expect(trust.outcomes).toEqual(expectedOf(trustFile.lists));
		expect(revocations.outcomes).toEqual(expectedOf(revocationFile.lists));
	});

	it('decodes every token to its claims', () => {
		for (const { id, text, decoded } of tokens) {
			if (decoded === null) continue;
			const got = decoded.dcc === undefined ? claimsToJson(peekPass(text).claims) : { dcc: readDcc(text).payload };
			expect(JSON.parse(JSON.stringify(got)), id).toEqual(decoded);
		}
	});

	it.each(['cases.json', 'rules.json'])('gives every case of %s its verdict and reason', async (file) => {
		const cases: Case[] = load(file);
		const [got, expected]: [string[], string[]] = [[], []];
		for (const c of cases) {
			const seen = await verify(textOf.get(c.token)!, {
				trust: trust.good.get(c.trust)!,
				revocations: c.revocations === null ? null : revocations.good.get(c.revocations)!,
				policy: policyOf(c.policy),
				clock: c.clock
			});
			got.push(`${c.id}: ${seen.verdict} ${seen.reason}`);
			expected.push(`${c.id}: ${c.expected.verdict} ${c.expected.reason}`);
		}
		expect(got).toEqual(expected);
		expect(got.length).toBeGreaterThan(5);
	});

	it('says what the Rust crate says to the officer', () => {
		const ours = Object.entries(REASONS).map(([code, { verdict, vi, en }]) => ({ code, verdict, vi, en }));
		expect(ours).toEqual(load('reasons.json'));
	});

	it('shows a name only when the signature is good', async () => {
		for (const [id, shown] of [['person', true], ['revoked-pass', true], ['foreign-kid', false], ['attacker', false]] as const) {
			expect((await verify(textOf.get(id)!, gate)).credential !== null, id).toBe(shown);
		}
	});
});

describe('the pass verifier and hostile input', () => {
	/** A generator with a fixed seed (mulberry32): a failure comes back. */
	function random(seed: number) {
		return () => {
			seed = (seed + 0x6d2b79f5) | 0;
			let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
			t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
			return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
		};
	}

	it('comes back from every bent token, and never with green', async () => {
		const next = random(20210910);
		const short = tokens.filter(({ text, decoded }) => decoded !== null && text.length < 1000);
		for (let i = 0; i < 3000; i++) {
			const { text } = short[Math.floor(next() * short.length)]!;
			const at = Math.floor(next() * text.length);
			const bent = text.slice(0, at) + String.fromCharCode(32 + Math.floor(next() * 96)) + text.slice(at + 1);
			if (bent === text) continue;
			const { verdict, reason } = await verify(bent, gate);
			expect(verdict === 'green', `${reason} for ${bent}`).toBe(false);
		}
	});

	it('refuses a bomb without unpacking it', () => {
		const bomb = deflateSync(Buffer.alloc(64 << 20), { level: 9 });
		expect(() => inflate(bomb, 32 * 1024)).toThrow('inflates beyond the bound');
	});

	it('inflates what zlib deflates, and refuses what is bent or cut', () => {
		const next = random(7);
		for (let i = 0; i < 300; i++) {
			const plain = Buffer.from(Array.from({ length: Math.floor(next() * 3000) }, () => Math.floor(next() ** 3 * 256)));
			const packed = deflateSync(plain, { level: i % 10, memLevel: 1 + (i % 9) });
			expect(Buffer.from(inflate(packed, 3000)).equals(plain)).toBe(true);
			const bent = Uint8Array.from(packed);
			bent[Math.floor(next() * bent.length)]! ^= 1 << Math.floor(next() * 8);
			for (const bad of [bent, packed.subarray(0, packed.length - 1), Buffer.concat([packed, Buffer.from([0])])]) {
				expect(() => inflate(bad, 3000)).toThrow(DecodeError);
			}
		}
	});

	it('refuses deep, endless and lying CBOR', () => {
		const heads = [[0x81], [0xa1, 0x01], [0xc1], [0x9f], [0x5f], [0x5b, ...Array<number>(8).fill(255)], [0xbb, ...Array<number>(8).fill(255)]];
		for (const head of heads) {
			const bytes = Uint8Array.from({ length: 100_000 }, (_, i) => head[i % head.length]!);
			expect(() => decode(bytes)).toThrow(DecodeError);
			expect(() => decode(Uint8Array.from(head))).toThrow(DecodeError);
		}
		expect(() => decode(Uint8Array.from([0xa2, 1, 1, 1, 2]))).toThrow('duplicate keys');
	});

	it('decodes base45 as RFC 9285 gives it', () => {
		const ascii = (text: string) => new TextDecoder().decode(decodeBase45(text));
		expect(ascii('BB8')).toBe('AB');
		expect(ascii('%69 VD92EX0')).toBe('Hello!!');
		expect(ascii('UJCLQE7W581')).toBe('base-45');
		for (const bad of ['GGW', '::', 'A', 'bb8', 'BÉ8']) expect(() => decodeBase45(bad), bad).toThrow(DecodeError);
	});

	it('ends a rule that has no end', () => {
		let deep: Json = 1;
		for (let i = 0; i < 80; i++) deep = { '!': [deep] };
		const sum = (inner: Json): Json => ({ reduce: [Array<number>(300).fill(1), inner, 0] });
		for (const logic of [deep, sum(sum(sum(1))), { '+': [Number.MAX_SAFE_INTEGER, 1] }, { plusTime: ['2021-01-01', 1e15, 'year'] }]) {
			expect(() => evaluate(logic, {})).toThrow(RuleError);
		}
	});

	it('refuses a policy field that it does not know', () => {
		expect(() => policyOf({ scope: ['movement'] })).toThrow('scope is unknown');
		expect(() => policyOf({ rules: 'all' })).toThrow('rules');
	});
});

describe('the dates of rules', () => {
	it('reads what certificates write, and nothing else', () => {
		const iso = (text: string) => Moment.parse(text)?.iso() ?? null;
		expect(iso('2021-05-03')).toBe('2021-05-03T00:00:00.000Z');
		expect(iso('2021-05-03T18:00:00.1239+02')).toBe('2021-05-03T16:00:00.123Z');
		expect(iso('2021-05-03T18:00:00-0330')).toBe('2021-05-03T21:30:00.000Z');
		for (const bad of ['2021-02-29', '2021-13-01', '2021-05-03T24:00:00Z', '2021-05-03T18:00', '03.05.2021', '']) expect(iso(bad), bad).toBeNull();
		expect(Moment.parseBirth('1999')?.iso()).toBe('1999-12-31T00:00:00.000Z');
		expect(Moment.parseBirth('2000-02')?.iso()).toBe('2000-02-29T00:00:00.000Z');
	});

	it('cuts the day to the length of the month', () => {
		expect(Moment.parse('2020-02-29T06:07:08Z')!.plus(1, 'year')!.iso()).toBe('2021-02-28T06:07:08.000Z');
		expect(Moment.parse('2021-03-31')!.plus(-1, 'month')!.iso()).toBe('2021-02-28T00:00:00.000Z');
		expect(Moment.parse('9999-12-30')!.plus(1, 'day')).toBeNull();
	});
});

/** The project's data for tests, from the nearest folder above that has it; absent outside the project. */
function shared(path: string): string | null {
	for (let up = '..'; up.length < 15; up += '/..') {
		const at = new URL(`../${up}/shared/data/${path}`, import.meta.url).pathname;
		if (existsSync(at)) return at;
	}
	console.log(`skipped: shared data absent (${path})`);
	return null;
}

describe('the public suites', () => {
	const certlogic = shared('certlogic');
	it.skipIf(certlogic === null)('gives every national rule its outcome', () => {
		let tests = 0;
		for (const country of readdirSync(certlogic!).filter((name) => /^[A-Z]{2}$/.test(name))) {
			for (const name of readdirSync(join(certlogic!, country))) {
				const folder = join(certlogic!, country, name);
				if (!existsSync(join(folder, 'rule.json'))) continue;
				const rule = JSON.parse(readFileSync(join(folder, 'rule.json'), 'utf8'));
				for (const file of readdirSync(join(folder, 'tests'))) {
					const { payload, external, expected } = JSON.parse(readFileSync(join(folder, 'tests', file), 'utf8'));
					expect(evaluate(rule.Logic, { payload, external }), `${name}/${file}`).toEqual(expected);
					tests += 1;
				}
			}
		}
		expect(tests).toBe(731);
	});
});
