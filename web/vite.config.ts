import adapter from '@sveltejs/adapter-static';
import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig } from 'vitest/config';

/** What every first page uses: words, fetching, forms, and the parts of a sign-in page. */
const SHELL =
	/src\/lib\/(?:(?:about\.svelte|session\.svelte|prefs\.svelte|form\.svelte|enter|format|home|guard|api\/\w+|i18n\/(?:index|state\.svelte|vi)|ui\/(?:icons|status|signOut))\.ts|ui\/(?:Button|Icon|Field|Text|Notice|ProblemNotice|Entry|Mark|Rivers|Help|Door|LanguageSwitch|Empty|Waiting)\.svelte)$/;

/** What most pages of the office use, and no citizen. One file: the list of every page's files travels with the first page,
 *  and grows with each file that pages share. */
const OFFICE =
	/src\/lib\/(?:ui\/(?:Frame|ListFoot|ListState|PageHead|UnitPicker|DateField)\.svelte|(?:register\/(?!Seen|camera|scanned)|organisations\/|restrictions\/)[\w.]+)$/;

export default defineConfig({
	plugins: [
		sveltekit({
			adapter: adapter({ fallback: '200.html', precompress: true }),
			// Registered by the sampling pages alone.
			serviceWorker: { register: false },
			// The server adds what a meta tag cannot say (frame-ancestors); scripts and styles are decided here,
			// where SvelteKit knows the hash of its start script.
			csp: {
				mode: 'hash',
				directives: {
					'default-src': ['none'],
					'script-src': ['self'],
					'style-src': ['self'],
					// SvelteKit's page announcer carries one inline style; this is its hash.
					'style-src-attr': ['unsafe-hashes', 'sha256-S8qMpvofolR8Mpjy4kQvEm7m1q8clzU4dfDH0AmvZjo='],
					'img-src': ['self', 'data:', 'blob:'],
					'font-src': ['self'],
					'connect-src': ['self'],
					'manifest-src': ['self'],
					'worker-src': ['self'],
					'form-action': ['self'],
					'base-uri': ['none'],
					'object-src': ['none']
				}
			}
		})
	],
	// Old Android phones: WebView from 90 on (screens.md).
	build: { target: ['chrome90', 'firefox90', 'safari15'], cssTarget: ['chrome90', 'safari15'], assetsInlineLimit: 0,
		rolldownOptions: {
			output: {
				// Thirty crumbs cost more than they save: what the first pages share travels as one file. SvelteKit's
				// payload stays apart: its entry fills it before the rest, which reads it, is evaluated.
				codeSplitting: {
					groups: [
						{ name: 'payload', test: /runtime\/client\/payload\.js$|vite\/preload-helper/, priority: 2 },
						{ name: 'shell', test: SHELL, priority: 1 },
						// What signing in, settings and a shift without a network use too must not bring the office along.
						{ name: 'words', test: /i18n\/staff\.ts$/, priority: 1 },
						{ name: 'choice', test: /ui\/Choice\.svelte$/, priority: 1 },
						{ name: 'resource', test: /lib\/resource\.svelte\.ts$/, priority: 1 },
						{ name: 'dialog', test: /ui\/(?:Confirm|Tag|Select|Search)\.svelte$|register\/(?:camera|scanned)\.ts$/, priority: 1 },
						{ name: 'office', test: OFFICE, priority: 0 }
					]
				}
			}
		}
	},
	server: { port: 5173, proxy: { '/api': 'http://127.0.0.1:8080' } },
	// The limit of a test is a guard against hanging, not a measure: a busy machine takes long.
	test: { include: ['tests/**/*.test.ts', 'src/**/*.test.ts'], environment: 'node', testTimeout: 60_000 }
});
