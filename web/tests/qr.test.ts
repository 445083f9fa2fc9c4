import jsQR from 'jsqr';
import { describe, expect, it } from 'vitest';
import { qrPath } from '#lib/qr.ts';

/** Draws the path the way a browser would, four pixels a module, and reads it with another library. */
function read(text: string): string | undefined {
	const SCALE = 4;
	const { size, path } = qrPath(text);
	const side = size * SCALE;
	const pixels = new Uint8ClampedArray(side * side * 4).fill(255);
	for (const [, x, y, width] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g)) {
		for (let py = Number(y) * SCALE; py < (Number(y) + 1) * SCALE; py++) {
			for (let px = Number(x) * SCALE; px < (Number(x) + Number(width)) * SCALE; px++) pixels.fill(0, (py * side + px) * 4, (py * side + px) * 4 + 3);
		}
	}
	return jsQR(pixels, side, side)?.data;
}

describe('the QR code', () => {
	it('is read back by another library', () => {
		const uri = 'otpauth://totp/Greenfort:nguyen.van.a?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Greenfort&algorithm=SHA1&digits=6&period=30';
		expect(read(uri)).toBe(uri);
	});
	it('keeps four modules of quiet zone', () => {
		const { size, path } = qrPath('a');
		expect(size).toBe(21 + 8);
		for (const [, x, y] of path.matchAll(/M(\d+) (\d+)/g)) {
			expect(Number(x)).toBeGreaterThanOrEqual(4);
			expect(Number(y)).toBeGreaterThanOrEqual(4);
		}
	});
});
