import { encode } from 'uqr';

const QUIET = 4; // modules of margin the standard asks for

/** The dark modules as one SVG path: a run of modules in a row is one rectangle. `size` includes the quiet zone. */
export function qrPath(text: string): { size: number; path: string } {
	const { data, size } = encode(text, { ecc: 'M', border: 0 });
	let path = '';
	for (let y = 0; y < size; y++) {
		for (let x = 0; x < size; ) {
			if (!data[y]?.[x]) {
				x += 1;
				continue;
			}
			const from = x;
			while (x < size && data[y]?.[x]) x += 1;
			path += `M${from + QUIET} ${y + QUIET}h${x - from}v1h-${x - from}z`;
		}
	}
	return { size: size + 2 * QUIET, path };
}
