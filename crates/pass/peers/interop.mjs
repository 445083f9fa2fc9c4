// Verifies what we issue with cose-js, issues tokens for us to verify, and evaluates our rules with certlogic-js.
// One argument: the folder with ours.json, clock.json, certificate.json and rules.json; writes theirs-js.json there.
import assert from 'node:assert/strict';
import { createHash, createPublicKey, generateKeyPairSync, verify as verifyWithNode } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import cbor from 'cbor';
import { evaluate } from 'certlogic-js';
import { coordinates, messageOf, payloadOf, tokenOf } from './cose.mjs';

const PASS = -65537;
const folder = process.argv[2];
const load = (name) => JSON.parse(readFileSync(join(folder, name), 'utf8'));

function readOurs() {
	const all = load('ours.json');
	for (const { token, spki, name, expires } of all) {
		const key = coordinates(Buffer.from(spki, 'base64'));
		const claims = cbor.decodeFirstSync(payloadOf(token, key));
		if (token.startsWith('GF1:')) {
			assert.equal(claims.get(1), 'VN-50');
			assert.equal(claims.get(4), expires);
			assert.equal(claims.get(PASS).get(2), name);
		} else {
			assert.equal(claims.get(-260).get(1).t[0].co, 'VN');
		}
		// A check that cannot fail shows nothing: one bit of the signature turned.
		const bent = messageOf(token);
		bent[bent.length - 1] ^= 1;
		const [protectedHeader, , payload, signature] = cbor.decodeFirstSync(bent).value;
		const signed = cbor.encode(['Signature1', protectedHeader, Buffer.alloc(0), payload]);
		const der = createPublicKey({ key: Buffer.from(spki, 'base64'), format: 'der', type: 'spki' });
		assert.equal(verifyWithNode('sha256', signed, { key: der, dsaEncoding: 'ieee-p1363' }, signature), false);
	}
	console.log(`cose-js read ${all.length} of ours`);
}

async function issue() {
	const { now } = load('clock.json');
	const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
	const spki = publicKey.export({ format: 'der', type: 'spki' });
	const d = Buffer.from(privateKey.export({ format: 'jwk' }).d, 'base64url');
	const kid = createHash('sha256').update(spki).digest().subarray(0, 8);
	const pass = new Map([[2, 'NTMK 1985'], [3, 0], [4, 1], [5, 120], [6, 1], [7, ['83', 1]], [8, Buffer.from([...Array(12).keys()])]]);
	const claims = new Map([[1, 'VN-50'], [4, now + 86400], [6, now - 3600], [7, Buffer.from([...Array(12).keys()].map((i) => i + 1))], [PASS, pass]]);
	const hcert = new Map([[1, 'VN'], [4, now + 86400], [6, now - 3600], [-260, new Map([[1, load('certificate.json')]])]]);
	const tokens = [
		await tokenOf('GF1:', cbor.encode(claims), kid, d),
		await tokenOf('HC1:', cbor.encode(hcert), kid, d, (bytes) => deflateSync(bytes, { level: 9 }))
	];
	writeFileSync(join(folder, 'theirs-js.json'), JSON.stringify(tokens.map((token) => ({ token, spki: spki.toString('base64') }))));
	console.log(`cose-js issued ${tokens.length}`);
}

/** Each expression comes to the same value, or to an error on both sides. */
function compareRules() {
	let values = 0;
	const all = load('rules.json');
	for (const { logic, data, value } of all) {
		let theirs;
		try {
			const term = evaluate(logic, data);
			theirs = { value: JSON.parse(JSON.stringify(term ?? null)) };
			values += 1;
		} catch {
			theirs = null;
		}
		assert.deepEqual(theirs, value === undefined ? null : { value }, `${JSON.stringify(logic)} on ${JSON.stringify(data)}`);
	}
	assert.ok(values > all.length / 4 && values < all.length, 'values and errors, both');
	console.log(`certlogic-js agrees on ${all.length} expressions, ${values} of them with a value`);
}

readOurs();
await issue();
compareRules();
