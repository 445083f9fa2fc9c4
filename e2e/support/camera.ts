import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { qrPath } from '../../web/src/lib/qr.ts';

const [WIDTH, HEIGHT] = [640, 480];

/** A film for Chromium's fake camera that shows a QR code: YUV4MPEG2, which needs no encoder. `name` is that of a file
    without ending, in the folder for temporary files unless it says another. Returns its path. */
export function filmOf(text: string, name: string): string {
	const { size, path } = qrPath(text);
	const scale = Math.floor((HEIGHT - 20) / size);
	const [left, top] = [Math.floor((WIDTH - size * scale) / 2), Math.floor((HEIGHT - size * scale) / 2)];
	const light = Buffer.alloc(WIDTH * HEIGHT, 235);
	for (const [, x, y, run] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g)) {
		for (let row = 0; row < scale; row++) {
			const from = (top + Number(y) * scale + row) * WIDTH + left + Number(x) * scale;
			light.fill(16, from, from + Number(run) * scale);
		}
	}
	const frame = Buffer.concat([Buffer.from('FRAME\n'), light, Buffer.alloc((WIDTH * HEIGHT) / 2, 128)]);
	const file = resolve(tmpdir(), `${name}.y4m`);
	writeFileSync(file, Buffer.concat([Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F10:1 Ip A1:1 C420mpeg2\n`), frame, frame, frame]));
	return file;
}
