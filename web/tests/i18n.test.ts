import { describe, expect, it } from 'vitest';
import { en } from '#lib/i18n/en.ts';
import { enStaff } from '#lib/i18n/en.staff.ts';
import { LOADING } from '#lib/i18n/loading.ts';
import { SHARING } from '#lib/i18n/sharing.ts';
import { vi } from '#lib/i18n/vi.ts';
import { viStaff } from '#lib/i18n/vi.staff.ts';

type Leaf = string | ((...args: never[]) => string);

function leaves(tree: object, path = ''): Map<string, Leaf> {
	const out = new Map<string, Leaf>();
	for (const [key, value] of Object.entries(tree)) {
		const here = path ? `${path}.${key}` : key;
		if (typeof value === 'object') leaves(value, here).forEach((leaf, at) => out.set(at, leaf));
		else out.set(here, value as Leaf);
	}
	return out;
}

/** The text of a leaf, with a mark that can be found again in place of each parameter. */
function sample(leaf: Leaf): string {
	return typeof leaf === 'string' ? leaf : (leaf as (...a: unknown[]) => string)(7001, 7002, 7003);
}
const marks = (leaf: Leaf) => [7001, 7002, 7003].filter((mark) => sample(leaf).replace(/[.,\s]/g, '').includes(String(mark)));

/** The name of a language is written in that language; a form's word list is data. */
const SAME_ON_PURPOSE = new Set(['language.vi', 'language.en', 'staff:temporary.templateHead', 'staff:list.shown', 'loading:progress']);
const VIETNAMESE = /[ăâđêôơưàáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợùúủũụừứửữựỳýỷỹỵ]/i;

describe.each([
	['the shared catalogue', vi, en, '', 100],
	['the staff catalogue', viStaff, enStaff, 'staff:', 500],
	['the words of what loads', LOADING.vi, LOADING.en, 'loading:', 10],
	['the words of sharing', SHARING.vi, SHARING.en, 'sharing:', 20]
])('%s', (_, source, english, prefix, least) => {
	const from = leaves(source);
	const to = leaves(english);

	it('has words at all', () => {
		expect(from.size).toBeGreaterThan(least);
	});
	it('has the same keys in both languages', () => {
		expect([...to.keys()].sort()).toEqual([...from.keys()].sort());
	});
	it('has no empty text', () => {
		for (const [key, leaf] of [...from, ...to]) expect(sample(leaf).trim(), key).not.toBe('');
	});
	it('uses the same parameters in both languages', () => {
		for (const [key, leaf] of from) {
			const other = to.get(key);
			expect(typeof other, key).toBe(typeof leaf);
			if (other !== undefined) expect(marks(other), key).toEqual(marks(leaf));
		}
	});
	it('leaves no Vietnamese in English', () => {
		for (const [key, leaf] of to) if (!SAME_ON_PURPOSE.has(prefix + key)) expect(sample(leaf), key).not.toMatch(VIETNAMESE);
	});
	it('translates: whole sentences are not alike in both', () => {
		for (const [key, leaf] of from) {
			if (SAME_ON_PURPOSE.has(prefix + key) || sample(leaf).split(' ').length < 3) continue;
			const bare = (text: string) => text.replace(/[\d.,/()km²\s]/g, '');
			if (bare(sample(leaf)) !== '') expect(sample(to.get(key) ?? ''), key).not.toBe(sample(leaf));
		}
	});
	it('never leaves a placeholder for the reader', () => {
		for (const [key, leaf] of [...from, ...to]) expect(sample(leaf), key).not.toMatch(/undefined|NaN|\[object|TODO/);
	});
});

describe('plurals', () => {
	it('say one row and two rows in English', () => {
		expect(enStaff.list.count(1)).toBe('1 row');
		expect(enStaff.list.count(1094544)).toBe('1,094,544 rows');
		expect(viStaff.list.count(1094544)).toBe('1.094.544 dòng');
	});
});
