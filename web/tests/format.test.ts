import { describe, expect, it } from 'vitest';
import { date, dateTime, dayEnd, dayStart, digits, fold, inFours, minutesSeconds, number, parseDate, percent, today } from '#lib/format.ts';

describe('numbers', () => {
	it('are grouped by points in Vietnamese and by commas in English', () => {
		expect(number(1094544, 'vi')).toBe('1.094.544');
		expect(number(1094544, 'en')).toBe('1,094,544');
		expect(number(999, 'vi')).toBe('999');
		expect(number(1000, 'vi')).toBe('1.000');
	});
	it('keep a true minus sign and the decimals asked for', () => {
		expect(number(-1234.5, 'vi', 1)).toBe('−1.234,5');
		expect(number(-0.04, 'vi', 1)).toBe('0,0');
		expect(percent(0.679, 'vi')).toBe('67,9 %');
		expect(percent(0.679, 'en')).toBe('67.9 %');
	});
	it('agree with Intl on every grouping length', () => {
		for (let n = 1; n < 1e12; n = n * 7 + 3) expect(number(n, 'en')).toBe(new Intl.NumberFormat('en').format(n));
	});
});

describe('dates', () => {
	it('are written dd/mm/yyyy with a 24 hour clock in Viet Nam, whatever the zone of the device', () => {
		expect(date('2021-09-10')).toBe('10/09/2021');
		expect(dateTime('2021-09-09T17:00:00Z')).toBe('10/09/2021 00:00');
		expect(dateTime('2021-09-10T11:05:09Z', true)).toBe('10/09/2021 18:05:09');
	});
	it('know that today in Viet Nam begins at 17:00 UTC', () => {
		expect(today(new Date('2021-09-09T16:59:59Z'))).toBe('2021-09-09');
		expect(today(new Date('2021-09-09T17:00:00Z'))).toBe('2021-09-10');
	});
	it('turn a day into its first and last second', () => {
		expect(dayStart('2021-09-10')).toBe('2021-09-09T17:00:00.000Z');
		expect(dayEnd('2021-09-10')).toBe('2021-09-10T16:59:59.000Z');
		expect(today(new Date(dayStart('2021-09-10')))).toBe('2021-09-10');
		expect(today(new Date(dayEnd('2021-09-10')))).toBe('2021-09-10');
	});
	it('are read however a person writes them, and refused when there is no such day', () => {
		for (const text of ['10/09/2021', '10/9/2021', '10-09-2021', '10.9.2021', '10092021', ' 2021-09-10 ']) expect(parseDate(text)).toBe('2021-09-10');
		for (const text of ['31/02/2021', '00/01/2021', '2021', 'soon', '', '10/13/2021', '29/02/2021']) expect(parseDate(text), text).toBeNull();
		expect(parseDate('29/02/2024')).toBe('2024-02-29');
	});
	it('are empty rather than wrong for nonsense', () => {
		expect(date('soon')).toBe('');
		expect(dateTime('soon')).toBe('');
	});
});

describe('fold', () => {
	it('lets forgiving search meet every diacritic, composed or not', () => {
		expect(fold('Bến Tre')).toBe('ben tre');
		expect(fold('Mỏ Cày Nam')).toBe('mo cay nam');
		expect(fold('ĐƯỜNG  Đồng Khởi')).toBe('duong dong khoi');
		expect(fold('Giồng Trôm'.normalize('NFD'))).toBe(fold('Giồng Trôm'));
	});
	it('changes nothing when done twice', () => {
		for (const text of ['Ấp 2, Xã Giao Long', 'Thị trấn Châu Thành', '  ']) expect(fold(fold(text))).toBe(fold(text));
	});
});

describe('small texts', () => {
	it('group a key in fours and a wait in minutes', () => {
		expect(inFours('JBSWY3DPEHPK3PXP')).toBe('JBSW Y3DP EHPK 3PXP');
		expect(minutesSeconds(90)).toBe('1:30');
		expect(minutesSeconds(-3)).toBe('0:00');
		expect(digits('+84 912.345-678')).toBe('84912345678');
	});
});
