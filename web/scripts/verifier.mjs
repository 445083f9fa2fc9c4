// The pass verifier as one file with everything it needs, as a gate loads it: what its budget and its speed are
// measured on.
import { build } from 'vite';

/** index.ts is what pages import; a benchmark has an entry of its own. */
export async function verifierBundle(entry = '../src/lib/pass/index.ts') {
	const [built] = await build({
		configFile: false,
		logLevel: 'error',
		build: {
			target: ['chrome90', 'firefox90', 'safari15'],
			write: false,
			rolldownOptions: { output: { minify: true } },
			lib: { entry: new URL(entry, import.meta.url).pathname, formats: ['es'] }
		}
	});
	return built.output[0].code;
}
