// Cuts Be Vietnam Pro (OFL 1.1) down to the letters the product writes: ASCII, Vietnamese and a few signs,
// without hinting (phones ignore it) and without the features the product does not use. The package's own files
// weigh 67 kB for two weights; these weigh 20, and a citizen waits for them on 3G.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import subsetFont from 'subset-font';

const WEIGHTS = [400, 600];
const FEATURES = ['kern', 'mark', 'mkmk', 'ccmp', 'locl', 'tnum'];
const out = new URL('../src/lib/design/fonts/', import.meta.url);
const files = new URL('../node_modules/@fontsource/be-vietnam-pro/files/', import.meta.url);

const range = (a, b) => Array.from({ length: b - a + 1 }, (_, i) => String.fromCodePoint(a + i)).join('');
// The package files the accents of Latin-1 with `latin`, the rest of Vietnamese by itself.
const latin1 = 'ÂâÊêÔôÀÁÃàáãÈÉèéÌÍìíÒÓÕòóõÙÚùúÝý';
const vietnamese =
	'ĂăĐđƠơƯưẢẠảạẰẮẲẴẶằắẳẵặẦẤẨẪẬầấẩẫậẺẼẸẻẽẹỀẾỂỄỆềếểễệỈĨỊỉĩịỎỌỏọỒỐỔỖỘồốổỗộỜỚỞỠỢờớởỡợỦŨỤủũụỪỨỬỮỰừứửữựỲỶỸỴỳỷỹỵ';
const LETTERS = { latin: range(0x20, 0x7e) + latin1 + '\u00a0–—‘’“”…·×±÷°²→←−•«»✓', vietnamese };

await mkdir(out, { recursive: true });
for (const weight of WEIGHTS) {
	for (const [name, letters] of Object.entries(LETTERS)) {
		const target = new URL(`${name}-${weight}.woff2`, out);
		if (existsSync(target)) continue;
		const source = await readFile(new URL(`be-vietnam-pro-${name}-${weight}-normal.woff2`, files));
		await writeFile(target, await subsetFont(source, letters, { targetFormat: 'woff2', noHinting: true, keepFeatures: FEATURES }));
	}
}
