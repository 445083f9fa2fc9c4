// EU certificates verified in Node, in turn, by cose-js as published verifiers use it and by the TypeScript verifier.
// node bench.mjs --verifier BUNDLE [--json FILE] [--seconds S] [--data DIR of EU test data]
import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import cbor from 'cbor';
import { coordinates, payloadOf } from './cose.mjs';

const option = (name, absent) => {
	const at = process.argv.indexOf(`--${name}`);
	return at < 0 ? absent : process.argv[at + 1];
};
const data = option('data', join(import.meta.dirname, '../../../../shared/data/dcc/cases'));
if (!existsSync(data)) {
	console.log(`skipped: shared data absent at ${data}`);
	process.exit(0);
}
const { TrustList, PublicKey, policyOf, verify } = await import(pathToFileURL(resolve(option('verifier'))));

/** The ES256 certificates of the test data that cose-js verifies. */
function* samples() {
	for (const name of readdirSync(data, { recursive: true }).filter((name) => name.endsWith('.json')).sort()) {
		try {
			const { PREFIX: token, TESTCTX } = JSON.parse(readFileSync(join(data, name), 'utf8'));
			const certificate = new X509Certificate(`-----BEGIN CERTIFICATE-----\n${TESTCTX.CERTIFICATE}\n-----END CERTIFICATE-----`);
			const spki = certificate.publicKey.export({ format: 'der', type: 'spki' });
			if (certificate.publicKey.asymmetricKeyType !== 'ec' || !payloadOf(token, coordinates(spki))) continue;
			yield { token, spki, certificate };
		} catch {
			// One that the peer cannot read measures nothing.
		}
	}
}
const sha = async (bytes) => Buffer.from(await crypto.subtle.digest('SHA-256', bytes)).subarray(0, 8).toString('hex');
const now = 1_631_062_800;
const all = [...samples()];
const keys = await Promise.all(
	all.map(async ({ spki, certificate }) => {
		const [kid, key] = [await sha(certificate.raw), PublicKey.fromSpki(new Uint8Array(spki))];
		return { kid, key, issuer: '', usage: 14, notBefore: 0, notAfter: now * 2, revoked: false };
	})
);
// One key a name: a file for every test repeats its signer.
const trust = new TrustList(1, now, [...new Map(keys.map((key) => [key.kid, key])).values()]);
const checkpoint = { trust, revocations: null, policy: policyOf({}), clock: { now, trusted: true } };
const chosen = [];
for (const sample of all) if (chosen.length < 20 && (await verify(sample.token, checkpoint)).credential) chosen.push(sample);
if (chosen.length === 0) throw new Error('no certificate that both verify');

const bodies = {
	theirs: ({ token, spki }) => cbor.decodeFirstSync(payloadOf(token, coordinates(spki))),
	ours: async ({ token }) => {
		if (!(await verify(token, checkpoint)).credential) throw new Error('not verified');
	}
};
const took = { theirs: [], ours: [] };
const end = performance.now() + 1000 * Number(option('seconds', 6));
while (performance.now() < end) {
	for (const name of ['theirs', 'ours']) {
		const start = performance.now();
		for (const sample of chosen) await bodies[name](sample);
		took[name].push((performance.now() - start) / 1000 / chosen.length);
	}
}
const median = (list) => list.sort((a, b) => a - b)[list.length >> 1];
const [theirs, ours] = [median(took.theirs), median(took.ours)];
const row = (id, what, seconds, ratio_to = null, ratio = null) => ({
	id, what, value: 1 / seconds, unit: '1/s', higher_is_better: true, ratio_to, ratio, floor: null, aim: null
});
const rows = [
	row('dcc-verify-ts', 'the TypeScript verifier in Node: verdict on an EU certificate, with schema, expiry and key usage', ours, 'dcc-verify-cose-js', theirs / ours),
	row('dcc-verify-cose-js', 'cose-js 0.9.0 in Node: the same certificates, base45, zlib and signature alone', theirs)
];
for (const { id, value, ratio } of rows) console.log(`${id.padEnd(22)} ${value.toFixed(0).padStart(8)} 1/s${ratio ? `  ${ratio.toFixed(1)} times cose-js` : ''}`);
if (option('json')) writeFileSync(option('json'), JSON.stringify(rows, null, 2));
