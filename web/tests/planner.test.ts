import { describe, expect, it } from 'vitest';
import type { Unit } from '#lib/api/types.ts';
import { byHour, question, start, wrongRows } from '#lib/planner/question.ts';
import { rowsOfSheet, whole, type Row } from '#lib/planner/rows.ts';

const unit = (id: number, code: string, name: string) => ({ id, code, name, level: 'commune' }) as Unit;
const COMMUNES = [unit(1, '28807', 'Xã Giao Long'), unit(2, '28810', 'Xã Tân Thạch'), unit(3, '29000', 'Xã Mỹ Thạnh'), unit(4, '29001', 'Xã Mỹ Thạnh')];
const row = (changes: Partial<Row> = {}): Row => ({ unitId: 1, code: '28807', name: 'Xã Giao Long', specimens: '1.800', size: '10', tested: '180', positive: '2', pooling: 'media', ...changes });

describe('numbers as people write them', () => {
	it('reads thousands with a point, a comma or a space, and nothing else', () => {
		for (const text of ['1800', '1.800', '1,800', '1 800', ' 1800 ']) expect(whole(text), text).toBe(1800);
		for (const text of ['', '-1', '1.8', '18.00', '1e3', 'abc', '1.8000', '99999999999']) expect(whole(text), text).toBeNull();
	});
});

describe('a sheet of pool results', () => {
	it('finds communes by name without diacritics or by code, and leaves the head out', () => {
		const { rows, errors } = rowsOfSheet('Xã;Số mẫu;Cỡ gộp;Số nhóm;Nhóm dương;Gộp ở đâu\r\ngiao long;1.800;10;180;2;\r\n28810;900;;;;que\r\n', COMMUNES);
		expect(errors).toEqual([]);
		expect(rows.map((r) => [r.unitId, r.specimens, r.tested, r.pooling])).toEqual([
			[1, '1.800', '180', 'media'],
			[2, '900', '', 'swab']
		]);
	});
	it('brings in nothing and names every mistake by row and column', () => {
		const text = 'Giao Long,x,10,180,2\nXã Không Có,5\nMỹ Thạnh,5\n28807,5\n29000,5,10,,\n29001,5,10,5,6,xe';
		const { rows, errors } = rowsOfSheet(text, COMMUNES);
		expect(rows).toEqual([]);
		expect(errors.map((e) => `${e.row} ${e.column} ${e.error}`)).toEqual([
			'1 specimens number',
			'2 commune commune',
			'3 commune ambiguous',
			'4 commune twice',
			'5 tested pools',
			'6 positive more',
			'6 pooling pooling'
		]);
	});
});

describe('the question', () => {
	it('says what is known and nothing where nothing is', () => {
		const body = question([row(), row({ unitId: 2, size: '', tested: '', positive: '', pooling: 'swab' })], start('A'), 2);
		expect(body.communes).toEqual([
			{ unit_id: 1, specimens: 1800, pools: { size: 10, tested: 180, positive: 2 }, pooling: 'media' },
			{ unit_id: 2, specimens: 1800, pools: null, pooling: 'swab' }
		]);
		expect(body.focus).toBe(2);
		expect(body.assay).toEqual({ kind: 'viral_load', threshold: 38, specificity: 0.995 });
	});
	it('is not asked while a cell is wrong', () => {
		expect(wrongRows([row()])).toEqual({});
		expect(wrongRows([row({ specimens: '' }), row({ size: '10', tested: '', positive: 'x' }), row({ positive: '181' })])).toEqual({
			'communes[0].specimens': 'required',
			'communes[1].pools.tested': 'pools',
			'communes[1].pools.positive': 'whole',
			'communes[2].pools.positive': 'more'
		});
	});
	it('spreads a laboratory over its opening hours, over midnight too', () => {
		const lab = { name: 'A', perHour: 5, turnaround: 5 };
		const open = (from: number, until: number) => byHour({ ...lab, from, until }).filter((n) => n > 0).length;
		expect([open(0, 24), open(7, 17), open(22, 6)]).toEqual([24, 10, 8]);
		expect(byHour({ ...lab, from: 22, until: 6 })[23]).toBe(5);
	});
});
