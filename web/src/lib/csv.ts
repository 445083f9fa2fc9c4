export type Cell = string | number | null | undefined;

/** One cell. A text that a spreadsheet would run as a formula is led by an apostrophe. */
function cell(value: Cell): string {
	if (value === null || value === undefined) return '';
	if (typeof value === 'number') return String(value);
	const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
	return /[",\r\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
}

/** RFC 4180 with a byte order mark, so that spreadsheets read Vietnamese rightly. */
export function toCsv(rows: readonly (readonly Cell[])[]): string {
	return '\ufeff' + rows.map((row) => row.map(cell).join(',')).join('\r\n') + '\r\n';
}

/** Reads RFC 4180 text; quotes may hold commas and line ends. Empty lines are skipped. */
export function fromCsv(text: string): string[][] {
	const rows: string[][] = [];
	let row: string[] = [];
	let value = '';
	let quoted = false;
	const separator = separatorOf(text);
	const endRow = () => {
		row.push(value);
		value = '';
		if (row.some((v) => v.trim() !== '')) rows.push(row.map((v) => v.trim()));
		row = [];
	};
	for (let i = text.charCodeAt(0) === 0xfeff ? 1 : 0; i < text.length; i++) {
		const c = text[i];
		if (quoted) {
			if (c !== '"') value += c;
			else if (text[i + 1] === '"') {
				value += '"';
				i += 1;
			} else quoted = false;
		} else if (c === '"' && value === '') quoted = true;
		else if (c === separator) {
			row.push(value);
			value = '';
		} else if (c === '\n') endRow();
		else if (c !== '\r') value += c;
	}
	if (value !== '' || row.length > 0) endRow();
	return rows;
}

/** Spreadsheets with a Vietnamese setting write semicolons: the first line tells. */
function separatorOf(text: string): string {
	const line = text.slice(0, text.indexOf('\n') === -1 ? undefined : text.indexOf('\n'));
	const counts = [',', ';', '\t'].map((s) => [s, line.split(s).length] as const);
	return counts.reduce((a, b) => (b[1] > a[1] ? b : a))[0];
}

export function download(name: string, content: string | Blob): void {
	const blob = typeof content === 'string' ? new Blob([content], { type: 'text/csv;charset=utf-8' }) : content;
	const url = URL.createObjectURL(blob);
	const link = document.createElement('a');
	link.href = url;
	link.download = name;
	link.click();
	setTimeout(() => URL.revokeObjectURL(url), 1000);
}
