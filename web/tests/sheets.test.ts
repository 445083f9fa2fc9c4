import { describe, expect, it } from 'vitest';
import { errorsByRow, rowsOfCsv } from '#lib/accounts/sheet.ts';
import { fromCsv, toCsv } from '#lib/csv.ts';

describe('CSV', () => {
	it('comes back as it went out, with commas, quotes, line ends and Vietnamese', () => {
		const rows = [
			['Họ tên', 'Ghi chú'],
			['Nguyễn Thị "Bé"', 'ấp 2,\nxã Giao Long'],
			['Trần Văn Đực', 'x;y']
		];
		expect(fromCsv(toCsv(rows))).toEqual(rows);
	});
	it('reads the semicolons of a Vietnamese spreadsheet', () => {
		expect(fromCsv('Họ tên;Vai trò;Mã\r\nLê A;sampler;28807\r\n')).toEqual([
			['Họ tên', 'Vai trò', 'Mã'],
			['Lê A', 'sampler', '28807']
		]);
	});
	it('never hands a spreadsheet a formula', () => {
		expect(toCsv([['=1+1', '+84', '@x', '-2', -2]])).toBe("\ufeff'=1+1,'+84,'@x,'-2,-2\r\n");
	});
	it('skips empty lines and keeps a last line without an end', () => {
		expect(fromCsv('a,b\n\n,\nc,d')).toEqual([
			['a', 'b'],
			['c', 'd']
		]);
	});
});

describe('the sheet of temporary accounts', () => {
	it('is read with or without its line of column names', () => {
		const row = { name: 'Lê A', role: 'sampler', unit_code: '28807', phone: '' };
		expect(rowsOfCsv('Họ tên,Vai trò,Mã đơn vị,Điện thoại\nLê A,sampler,28807,')).toEqual([row]);
		expect(rowsOfCsv('Lê A,sampler,28807')).toEqual([row]);
	});
	it('is read as a spreadsheet hands it to the clipboard, with tabs', () => {
		expect(rowsOfCsv('Lê A\tNhân viên lấy mẫu\t28807\t\nTrần B\tsampler\t28807\t0912345678')).toHaveLength(2);
	});
	it('finds the row of each error, however the server writes its path', () => {
		const errors = [
			{ field: 'rows[3].unit_code', code: 'unknown', message: 'no such unit' },
			{ field: 'rows.0.role', code: 'unknown', message: 'no such role' },
			{ field: 'rows[3]', code: 'double', message: 'twice' },
			{ field: 'label', code: 'short', message: 'short' }
		];
		const found = errorsByRow(errors);
		expect([...found.keys()].sort()).toEqual([0, 3]);
		expect(found.get(3)?.get('unit_code')).toBe('no such unit');
		expect(found.get(3)?.get('')).toBe('twice');
	});
});
