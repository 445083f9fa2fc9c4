import { toCsv, type Cell } from '#lib/csv.ts';
import { s } from '#lib/i18n/staff.ts';
import type { Advice } from '#lib/api/types.ts';
import { designWords, reason } from './words';

const rounded = (value: number, digits: number) => Number(value.toFixed(digits));

/** The plan as a sheet: plain numbers, so that a spreadsheet can go on with them. */
export function planCsv(answer: Advice, codes: ReadonlyMap<number, string>): string {
	const w = s().planner;
	const head = [s().units.code, w.commune, w.design, 'config', w.laboratory(1).replace(/ 1$/, ''), w.specimens, w.tests, '±', w.staffHours, w.missed];
	const more = [w.prevalence, w.p90, w.pass, w.why];
	const rows: Cell[][] = answer.communes.map((c) => [
		codes.get(c.unit_id),
		c.name,
		designWords(c.design),
		c.design.config,
		answer.laboratories[c.laboratory]?.name,
		c.specimens,
		rounded(c.tests, 1),
		rounded(c.tests_sd, 1),
		rounded(c.staff_minutes / 60, 2),
		rounded(c.missed, 4),
		rounded(c.prevalence, 6),
		rounded(c.p90_hours, 1),
		rounded(c.pass_hours, 1),
		reason(c)
	]);
	return toCsv([[...head, ...more], ...rows]);
}
