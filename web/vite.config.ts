import adapter from '@sveltejs/adapter-static';
import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig } from 'vitest/config';

export default defineConfig({
	plugins: [
		sveltekit({
			adapter: adapter({ fallback: '200.html', precompress: true }),
			// The server adds what a meta tag cannot say (frame-ancestors); scripts and styles are decided here,
			// where SvelteKit knows the hash of its start script.
			csp: {
				mode: 'hash',
				directives: {
					'default-src': ['none'],
					'script-src': ['self'],
					'style-src': ['self'],
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
				// Thirty crumbs cost more than they save: what the first pages share travels as one file.
				codeSplitting: {
					groups: [{ name: 'shell', test: /src\/lib\/(?:about\.svelte|session\.svelte|prefs\.svelte|form\.svelte|compat|format|home|enter|guard|api\/\w+|i18n\/(?:index|state\.svelte|vi))\.ts$|src\/lib\/ui\/(?:Button|Icon|Field|Text|Notice|ProblemNotice|Entry|Mark|Rivers|Help|Door|LanguageSwitch|Empty|Waiting)\.svelte$|src\/lib\/ui\/(?:icons|status)\.ts$/ }]
				}
			}
		}
	},
	server: { port: 5173, proxy: { '/api': 'http://127.0.0.1:8080' } },
	test: { include: ['tests/**/*.test.ts', 'src/**/*.test.ts'], environment: 'node' }
});
