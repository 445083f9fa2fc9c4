// Cuts Be Vietnam Pro (OFL 1.1) down to the letters the product writes: ASCII, Vietnamese and a few signs.
// The package's own `latin` and `vietnamese` files weigh 33 kB a weight; one file of these letters weighs less,
// and a citizen on 3G fetches one file instead of two.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import subsetFont from 'subset-font';

const WEIGHTS = [400, 600];
const out = new URL('../src/lib/design/fonts/', import.meta.url);
const files = new URL('../node_modules/@fontsource/be-vietnam-pro/files/', import.meta.url);

const range = (a, b) => Array.from({ length: b - a + 1 }, (_, i) => String.fromCodePoint(a + i)).join('');
const vietnamese =
	'ĂăÂâĐđÊêÔôƠơƯưÀÁẢÃẠàáảãạẰẮẲẴẶằắẳẵặẦẤẨẪẬầấẩẫậÈÉẺẼẸèéẻẽẹỀẾỂỄỆềếểễệÌÍỈĨỊìíỉĩịÒÓỎÕỌòóỏõọỒỐỔỖỘồốổỗộỜỚỞỠỢờớởỡợÙÚỦŨỤùúủũụỪỨỬỮỰừứửữựỲÝỶỸỴỳýỷỹỵ';
const LETTERS = { latin: range(0x20, 0x7e) + '\u00a0–—‘’“”…·×±÷°²→←−•«»✓', vietnamese };

await mkdir(out, { recursive: true });
for (const weight of WEIGHTS) {
	for (const [name, letters] of Object.entries(LETTERS)) {
		const target = new URL(`${name}-${weight}.woff2`, out);
		if (existsSync(target)) continue;
		const source = await readFile(new URL(`be-vietnam-pro-${name}-${weight}-normal.woff2`, files));
		await writeFile(target, await subsetFont(source, letters, { targetFormat: 'woff2' }));
	}
}
