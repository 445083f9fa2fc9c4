import { describe, expect, it } from 'vitest';
import { base64url, newKeyPair, sign } from '#lib/device.ts';
import { viStaff } from '#lib/i18n/vi.staff.ts';
import { homeOf, safeNext } from '#lib/home.ts';
import { ROOMS } from '#lib/rooms.ts';
import { STAFF_PAGES } from '#lib/staffPages.ts';
import { vi } from '#lib/i18n/vi.ts';
import { linkToken } from '#lib/password.ts';
import type { Role, Session } from '#lib/api/types.ts';
import { existsSync, readdirSync } from 'node:fs';

const session = (kind: 'office' | 'field' | 'citizen', ...roles: Role[]): Session => ({
	account: { id: '0', name: 'A', kind },
	grants: roles.map((role) => ({ role, over: { kind: 'linked_persons' as const }, until: null })),
	language: 'vi',
	signed_in_at: '',
	expires_at: '',
	persons: []
});

describe('home by role', () => {
	it('knows a home and words for every role', () => {
		expect(Object.keys(ROOMS).sort()).toEqual(Object.keys(vi.roles).sort());
		for (const home of Object.values(ROOMS)) {
			const words = { ...viStaff.homes, ...vi.homes }[home.words] as { lead: string; action?: string };
			if (home.action) expect(words.action, home.words).toBeTruthy();
		}
	});
	it('links only to pages that exist', () => {
		const pages = new Set<string>();
		const walk = (folder: URL, path: string) => {
			if (existsSync(new URL('+page.svelte', folder))) pages.add(path || '/');
			for (const entry of readdirSync(folder, { withFileTypes: true })) {
				if (entry.isDirectory()) walk(new URL(`${entry.name}/`, folder), entry.name.startsWith('(') ? path : `${path}/${entry.name}`);
			}
		};
		walk(new URL('../src/routes/', import.meta.url), '');
		for (const [role, home] of Object.entries(ROOMS)) {
			expect(pages).toContain(homeOf(session('office', role as Role)));
			if (home.action) expect(pages).toContain(home.action);
		}
		for (const page of STAFF_PAGES) expect(pages).toContain(page.path);
	});
	it('follows the first grant, else the kind of account', () => {
		expect(homeOf(session('office', 'auditor', 'leader'))).toBe('/home');
		expect(homeOf(session('office', 'leader'))).toBe('/board');
		expect(homeOf(session('citizen'))).toBe('/citizen');
		expect(homeOf(session('office'))).toBe('/home');
	});
	it('never follows a wish to another site', () => {
		expect(safeNext('/units?on=2021-09-10')).toBe('/units?on=2021-09-10');
		for (const bad of ['//evil.example', '/\\evil.example', 'https://evil.example', 'javascript:alert(1)', '', null]) expect(safeNext(bad)).toBeNull();
	});
});

describe('one-time links', () => {
	it('carry their token in the fragment or the query', () => {
		expect(linkToken(new URL('https://x/invitation#abc'))).toBe('abc');
		expect(linkToken(new URL('https://x/invitation#token=abc'))).toBe('abc');
		expect(linkToken(new URL('https://x/invitation?token=abc'))).toBe('abc');
		expect(linkToken(new URL('https://x/invitation'))).toBe('');
	});
});

describe('the device key', () => {
	it('cannot be exported, and signs what its public half verifies', async () => {
		const { key, publicJwk } = await newKeyPair();
		expect(key.extractable).toBe(false);
		await expect(crypto.subtle.exportKey('jwk', key)).rejects.toThrow();
		expect(Object.keys(publicJwk).sort()).toEqual(['crv', 'kty', 'x', 'y']);

		const text = await sign(key, 'nonce-1');
		const raw = Uint8Array.from(Buffer.from(text, 'base64url'));
		expect(raw.length).toBe(64);
		expect(base64url(raw)).toBe(text);
		const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
		const publicKey = await crypto.subtle.importKey('jwk', publicJwk, algorithm, true, ['verify']);
		const verify = (nonce: string) => crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, publicKey, raw, new TextEncoder().encode(nonce));
		expect(await verify('nonce-1')).toBe(true);
		expect(await verify('nonce-2')).toBe(false);
	});
});
