// Lists the files that a shift without a network needs, from the build's own manifest, into build/offline.json, which the service
// worker fetches when it is installed. offline-files.txt pins what stands there by name: a page or a library that newly gets
// in, or is missing, fails the build until somebody has looked (`node scripts/offline.mjs --update`).
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { readdirSync } from 'node:fs';

const build = new URL('../build/', import.meta.url);
const pinned = new URL('../offline-files.txt', import.meta.url);
const manifest = JSON.parse(readFileSync(new URL('../.svelte-kit/output/client/.vite/manifest.json', import.meta.url), 'utf8'));
const nodes = new URL('../.svelte-kit/generated/build/client-optimized/nodes/', import.meta.url);

/** Pages that open without a network, with the layouts around them. */
const PAGES = ['routes/+layout.svelte', 'routes/+layout.ts', 'routes/+error.svelte', 'routes/(sampling)/+layout.svelte', 'routes/(sampling)/sampling/shift/+page.svelte'];

const wanted = readdirSync(nodes).filter((name) => {
	const text = readFileSync(new URL(name, nodes), 'utf8');
	return PAGES.some((page) => text.includes(page));
});
const keys = Object.keys(manifest);
const starts = keys.filter((key) => manifest[key].isEntry && !key.includes('/nodes/'));
const pages = wanted.map((name) => keys.find((key) => key.endsWith(`client-optimized/nodes/${name}`)));
if (pages.some((key) => !key) || pages.length < 4) throw new Error(`no built node for ${PAGES.join(', ')}`);

const files = new Set();
const names = new Set();
const seen = new Set();
function walk(key, rarely) {
	const part = manifest[key];
	if (!part || seen.has(key)) return;
	seen.add(key);
	for (const file of [part.file, ...(part.css ?? []), ...(part.assets ?? [])]) files.add(file);
	for (const file of [...(part.css ?? []), ...(part.assets ?? [])]) if (!/\/\d+\./.test(file)) names.add(file.replace(/.*\//, '').replace(/\.[\w-]{8}\./, '.'));
	if (part.src?.startsWith('src/') || part.isDynamicEntry) names.add(part.src ?? part.name);
	for (const next of part.imports ?? []) walk(next, rarely);
	// The application's entry loads every page of the house on demand; of those only the wanted ones come along.
	if (rarely) for (const next of part.dynamicImports ?? []) if (!next.includes('/nodes/')) walk(next, true);
}
for (const key of [...starts, ...pages]) walk(key, true);

const list = [...files].sort().map((file) => `/${file}`);
for (const file of list) if (!existsSync(new URL(`.${file}`, build))) throw new Error(`${file} was not built`);
writeFileSync(new URL('offline.json', build), JSON.stringify(list));

const found = [...names].map((name) => name.replace(/.*client-optimized\//, '').replace(/^nodes\/\d+\.js$/, '')).filter(Boolean).sort().join('\n') + '\n';
if (process.argv.includes('--update')) writeFileSync(pinned, found);
const before = existsSync(pinned) ? readFileSync(pinned, 'utf8') : '';
if (before !== found) {
	console.error(`what works without a network has changed:\n--- pinned\n${before}+++ built\n${found}`);
	process.exit(1);
}
console.log(`ok  without a network: ${list.length} files`);
