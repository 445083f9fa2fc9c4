import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** True when this machine can read what was printed: poppler-utils and zbar-tools. */
export function canReadPaper(): boolean {
	try {
		execFileSync('pdftoppm', ['-v'], { stdio: 'ignore' });
		execFileSync('zbarimg', ['--version'], { stdio: 'ignore' });
		return true;
	} catch {
		return false;
	}
}

/** A printed page as people and scanners read it: its words, and what its QR codes say. */
export function readPaper(pdf: Buffer): { text: string; codes: string[] } {
	const folder = mkdtempSync(join(tmpdir(), 'greenfort-paper-'));
	try {
		const file = join(folder, 'page.pdf');
		writeFileSync(file, pdf);
		const text = execFileSync('pdftotext', ['-layout', file, '-']).toString();
		execFileSync('pdftoppm', ['-r', '150', '-png', file, join(folder, 'page')]);
		const pages = execFileSync('sh', ['-c', `ls ${folder}/page*.png`]).toString().trim().split('\n');
		const codes = execFileSync('zbarimg', ['-q', '--raw', ...pages]).toString().trim().split('\n');
		return { text, codes };
	} finally {
		rmSync(folder, { recursive: true });
	}
}
