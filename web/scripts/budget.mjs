// Measures what a first visit downloads, from the build's own manifest, and fails when it is too much:
// JavaScript of each citizen and sign-in page, and the whole of the sign-in page with styles and fonts.
import { readFileSync, existsSync, readdirSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { verifierBundle } from './verifier.mjs';

const build = new URL('../build/', import.meta.url);
const manifest = JSON.parse(readFileSync(new URL('../.svelte-kit/output/client/.vite/manifest.json', import.meta.url), 'utf8'));
const nodesSource = readdirSync(new URL('../.svelte-kit/generated/build/client-optimized/nodes/', import.meta.url));

const JS_LIMIT = 60_000;
const PAGE_LIMIT = 100_000;
const PAGES = ['sign-in', 'sign-in/phone', 'sign-in/card', 'sign-in/badge', 'sign-in/office', '(citizen)/citizen'];

const gzipped = (file) => {
	const path = new URL(file, build);
	return existsSync(path) ? gzipSync(readFileSync(path), { level: 9 }).length : 0;
};

/** Which generated node loads a route's page: read from the generated sources, which import it by path. */
const nodeOf = new Map();
for (const name of nodesSource) {
	const text = readFileSync(new URL(`../.svelte-kit/generated/build/client-optimized/nodes/${name}`, import.meta.url), 'utf8');
	for (const [, path] of text.matchAll(/routes\/([^"']*?\+(?:page|layout)\.(?:svelte|ts))/g)) nodeOf.set(path, `.svelte-kit/generated/build/client-optimized/nodes/${name}`);
}
const keyOf = (source) => Object.keys(manifest).find((key) => key.endsWith(source) || manifest[key].src?.endsWith(source));

function closure(keys) {
	const seen = new Set();
	const walk = (key) => {
		if (!key || seen.has(key) || !manifest[key]) return;
		seen.add(key);
		for (const next of manifest[key].imports ?? []) walk(next);
	};
	keys.forEach(walk);
	return [...seen].map((key) => manifest[key]);
}

const starts = Object.keys(manifest).filter((key) => manifest[key].isEntry && !key.includes('/nodes/'));
let failed = false;
for (const page of PAGES) {
	const group = page.match(/^\([a-z]+\)/)?.[0];
	const wanted = ['+layout.svelte', ...(group ? [`${group}/+layout.svelte`] : []), `${page}/+page.svelte`];
	const nodes = wanted.map((path) => keyOf(nodeOf.get(path) ?? `missing ${path}`));
	if (nodes.some((node) => !node)) throw new Error(`no built node for ${page}: ${wanted.join(', ')}`);
	const parts = closure([...starts, ...nodes]);
	const js = parts.reduce((sum, part) => sum + gzipped(part.file), 0);
	const css = [...new Set(parts.flatMap((part) => part.css ?? []))].reduce((sum, file) => sum + gzipped(file), 0);
	const fonts = [...new Set(parts.flatMap((part) => part.assets ?? []))].reduce((sum, file) => sum + gzipped(file), 0);
	const all = js + css + fonts + gzipped('200.html');
	const kB = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
	const over = js > JS_LIMIT || all > PAGE_LIMIT;
	failed ||= over;
	console.log(`${over ? 'TOO MUCH' : 'ok'}  /${page}: JavaScript ${kB(js)}, styles ${kB(css)}, fonts ${kB(fonts)}, in all ${kB(all)} gzipped`);
}

// The pass verifier, which a gate loads besides: as one file, with everything it needs.
const VERIFIER_LIMIT = 15_000;
const verifierSize = gzipSync(await verifierBundle(), { level: 9 }).length;
failed ||= verifierSize > VERIFIER_LIMIT;
console.log(`${verifierSize > VERIFIER_LIMIT ? 'TOO MUCH' : 'ok'}  pass verifier: ${(verifierSize / 1000).toFixed(1)} kB gzipped`);

if (failed) {
	console.error(`limits: JavaScript ${JS_LIMIT} bytes, whole page ${PAGE_LIMIT} bytes, pass verifier ${VERIFIER_LIMIT} bytes`);
	process.exit(1);
}
