import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const src = new URL('../src/', import.meta.url);
const tokens = readFileSync(new URL('lib/design/tokens.css', src), 'utf8');

function styles(): [string, string][] {
	const out: [string, string][] = [];
	const files = readdirSync(src, { recursive: true, encoding: 'utf8' });
	for (const file of files) {
		if (file.endsWith('tokens.css') || file.endsWith('fonts.css')) continue;
		const text = /\.(svelte|css)$/.test(file) ? readFileSync(new URL(file.replace(/\[/g, '%5B').replace(/\]/g, '%5D'), src), 'utf8') : '';
		if (file.endsWith('.css')) out.push([file, text]);
		else for (const [, css] of text.matchAll(/<style[^>]*>([\s\S]*?)<\/style>/g)) out.push([file, css ?? '']);
	}
	return out;
}
const withoutComments = (css: string) => css.replace(/\/\*[\s\S]*?\*\//g, '');
/** Media queries cannot read tokens, so their own line may hold a width. */
const withoutMedia = (css: string) => css.replace(/@media[^{]*\{/g, '@media {');

describe('the design tokens', () => {
	it('are the only place with colours', () => {
		for (const [file, css] of styles()) {
			const found = withoutComments(css).match(/#[0-9a-f]{3,8}\b|\b(?:rgb|rgba|hsl|hsla|oklch|lab)\(|:\s*(?:white|black|red|green|blue|gray|grey|yellow|orange)\b/gi);
			expect(found, file).toBeNull();
		}
	});
	it('are the only place with sizes of type, space and edges', () => {
		for (const [file, css] of styles()) {
			const found = withoutMedia(withoutComments(css)).match(/(?<![\w-])\d*\.?\d+(?:px|rem)\b/g);
			expect(found, file).toBeNull();
		}
	});
	it('define every name that is used', () => {
		const defined = new Set([...tokens.matchAll(/(--[\w-]+):/g)].map((m) => m[1]));
		for (const [file, css] of styles()) {
			for (const [, name] of css.matchAll(/var\((--[\w-]+)/g)) if (!name?.startsWith('--bits-')) expect(defined, `${file} ${name}`).toContain(name);
		}
	});
	it('are used, each of them', () => {
		const all = styles().map(([, css]) => css).join('\n') + tokens + readFileSync(new URL('routes/components/+page.svelte', src), 'utf8');
		const names = new Set([...tokens.matchAll(/(--[\w-]+):/g)].map((m) => m[1] ?? ''));
		for (const name of names) expect(all.includes(`var(${name})`), name).toBe(true);
	});
	it('say the same for the dark screen by choice and by system', () => {
		const block = (from: string) => {
			const start = tokens.indexOf('{', tokens.indexOf(from)) + 1;
			return tokens.slice(start, tokens.indexOf('}', start)).trim().split(/\s*\n\s*/).sort();
		};
		expect(block(":root:not([data-theme])")).toEqual(block(":root[data-theme='dark']"));
	});
	it('leave no inline style for the content policy to refuse', () => {
		const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((f) => f.endsWith('.svelte'));
		for (const file of files) {
			const text = readFileSync(new URL(file.replace(/\[/g, '%5B').replace(/\]/g, '%5D'), src), 'utf8');
			expect(/\sstyle=/.test(text), file).toBe(false);
		}
	});
});

describe('the letters of the font', () => {
	it('cover every letter the catalogues use, in the file their range names', async () => {
		const script = readFileSync(new URL('../scripts/fonts.mjs', import.meta.url), 'utf8');
		const css = readFileSync(new URL('lib/design/fonts.css', src), 'utf8');
		const latin1 = /latin1 = '([^']*)'/.exec(script)?.[1] ?? '';
		const vietnamese = /vietnamese =\s*'([^']*)'/.exec(script)?.[1] ?? '';
		const words = ['vi', 'en', 'vi.staff', 'en.staff'].map((f) => readFileSync(new URL(`lib/i18n/${f}.ts`, src), 'utf8')).join('');
		const letters = new Set([...words].filter((c) => /\p{L}/u.test(c) && c > '~'));
		for (const letter of letters) expect(latin1 + vietnamese, letter).toContain(letter);
		// U+A0-FF comes from the package's latin file, the rest from its vietnamese one: a letter in the wrong list is missing.
		for (const letter of latin1) expect(letter.codePointAt(0), letter).toBeLessThanOrEqual(0xff);
		for (const letter of vietnamese) expect(letter.codePointAt(0), letter).toBeGreaterThan(0xff);
		expect(css).toContain('U+A0-FF');
	});
});
