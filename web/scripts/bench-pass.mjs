// The TypeScript verifier in Chromium as a share of bare WebCrypto: a person's pass against the lists of the common
// vectors, one page, one at a time, in turn with `crypto.subtle.verify` of the same message.
// node bench-pass.mjs [--json FILE] [--seconds S] [--bundle FILE]; needs e2e/node_modules (Playwright).
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { verifierBundle } from './verifier.mjs';

const option = (name, absent) => {
	const at = process.argv.indexOf(`--${name}`);
	return at < 0 ? absent : process.argv[at + 1];
};
const vectors = (name) => JSON.parse(readFileSync(new URL(`../../contract/pass-vectors/${name}`, import.meta.url), 'utf8'));
const bundle = await verifierBundle('./bench-entry.ts');
if (option('bundle')) writeFileSync(option('bundle'), bundle);
const { chromium } = createRequire(new URL('../../e2e/package.json', import.meta.url))('@playwright/test');
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--headless', '--no-sandbox', '--disable-gpu'] });
const page = await browser.newPage();
// An origin that is secure, as WebCrypto wants it, and that no network is asked for.
await page.route('https://gate.test/**', (route) =>
	route.request().url().endsWith('/verifier.js')
		? route.fulfill({ contentType: 'text/javascript', body: bundle })
		: route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>gate</title>' })
);
await page.goto('https://gate.test/');
const measured = await page.evaluate(
	async ({ trust, revocations, token, spki, seconds }) => {
		const { TrustList, RevocationList, rootOf, policyOf, verify, fromBase64, readSign1, toBeSigned, decodeBase45 } = await import('/verifier.js');
		const list = (file, id) => fromBase64(file.lists.find((l) => l.id === id).b64);
		const trusted = await TrustList.open(list(trust, 'fresh'), await rootOf(fromBase64(trust.root.spki)), null);
		const revoked = await RevocationList.open(list(revocations, 'full-43'), trusted, null);
		const checkpoint = { trust: trusted, revocations: revoked, policy: policyOf({ scopes: ['movement'] }), clock: { now: 1_631_062_800, trusted: true } };
		const message = readSign1(decodeBase45(token.slice(4)));
		const signed = toBeSigned(message.protected, new Uint8Array(), message.payload);
		const key = await crypto.subtle.importKey('spki', fromBase64(spki), { name: 'ECDSA', namedCurve: 'P-256' }, false, ['verify']);
		const bodies = [
			async () => {
				if (!(await crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, key, message.signature, signed))) throw new Error('bare');
			},
			async () => {
				if ((await verify(token, checkpoint)).verdict !== 'green') throw new Error('verifier');
			}
		];
		const took = [[], []];
		const end = performance.now() + seconds * 1000;
		while (performance.now() < end) {
			for (const [i, body] of bodies.entries()) {
				const start = performance.now();
				for (let n = 0; n < 64; n++) await body();
				took[i].push((performance.now() - start) / 64000);
			}
		}
		return took.map((list) => list.sort((a, b) => a - b)[list.length >> 1]);
	},
	{
		trust: vectors('trust.json'),
		revocations: vectors('revocations.json'),
		token: vectors('tokens.json').find((t) => t.id === 'person').text,
		spki: vectors('trust.json').keys.find((k) => k.id === 'signer').spki,
		seconds: Number(option('seconds', 6))
	}
);
await browser.close();
const [bare, ours] = measured;
const row = (id, what, seconds, ratio_to = null, ratio = null) => ({
	id, what, value: 1 / seconds, unit: '1/s', higher_is_better: true, ratio_to, ratio, floor: null, aim: null
});
const rows = [
	row('ts-bare-verify', 'bare WebCrypto P-256 verify in Chromium', bare),
	row('ts-pass-verify', "verdict on a person's pass by the TypeScript verifier in Chromium", ours, 'ts-bare-verify', bare / ours)
];
for (const { id, value, ratio } of rows) console.log(`${id.padEnd(22)} ${value.toFixed(0).padStart(8)} 1/s${ratio ? `  ${(100 * ratio).toFixed(1)} % of bare` : ''}`);
if (option('json')) writeFileSync(option('json'), JSON.stringify(rows, null, 2));
