import type { RoundAsk } from '#lib/api/types.ts';
import { whole, type Row } from './rows';

/** A laboratory as it is typed: tests an hour within its opening hours. */
export interface Laboratory {
	name: string;
	perHour: number;
	from: number;
	until: number;
	turnaround: number;
}

export interface Settings {
	sizes: number[];
	subpools: boolean;
	arrays: boolean;
	assay: 'viral_load' | 'fixed';
	threshold: number;
	poolSensitivity: number;
	singleSensitivity: number;
	specificity: number;
	laboratories: Laboratory[];
	hours: number;
	collectionHours: number;
	leadHours: number;
	recallHours: number;
	startHour: number;
	/** Null: not limited. */
	staffHours: number | null;
	worth: number | null;
	weight: number;
	growth: number;
	members: number;
	representatives: number;
	outbreak: number;
	/** In percent. */
	sar: number;
	exposure: number;
	minutesPerSpecimen: number;
	minutesPerTest: number;
	minutesPerRecall: number;
	validityHours: number;
	intervalHours: number;
}

export const SIZES = [1, 2, 3, 5, 8, 10, 15, 20, 25, 30];

/** What a planner begins with; the server's own defaults for a three-day round. */
export const start = (laboratory: string): Settings => ({
	sizes: [1, 5, 10, 20],
	subpools: false,
	arrays: false,
	assay: 'viral_load',
	threshold: 38,
	poolSensitivity: 90,
	singleSensitivity: 95,
	specificity: 99.5,
	laboratories: [{ name: laboratory, perHour: 60, from: 0, until: 24, turnaround: 5 }],
	hours: 72,
	collectionHours: 36,
	leadHours: 3,
	recallHours: 12,
	startHour: 6,
	staffHours: null,
	worth: null,
	weight: 0.2,
	growth: 1,
	members: 4,
	representatives: 1,
	outbreak: 3,
	sar: 29.7,
	exposure: 1,
	minutesPerSpecimen: 1.5,
	minutesPerTest: 0.5,
	minutesPerRecall: 5,
	validityHours: 72,
	intervalHours: 72
});

/** Tests in each hour of the day; open over midnight when `until` is not after `from`. */
export function byHour({ perHour, from, until }: Laboratory): number[] {
	const open = (hour: number) => (from < until ? hour >= from && hour < until : hour >= from || hour < until);
	return Array.from({ length: 24 }, (_, hour) => (open(hour) ? perHour : 0));
}

/** Fields that the page itself knows to be wrong, by the names the server has for them. */
export type Wrong = Record<string, 'required' | 'whole' | 'pools' | 'more'>;

export function wrongRows(rows: readonly Row[]): Wrong {
	const wrong: Wrong = {};
	rows.forEach((row, i) => {
		const at = `communes[${i}]`;
		if (!whole(row.specimens)) wrong[`${at}.specimens`] = row.specimens.trim() === '' ? 'required' : 'whole';
		const pools = { size: row.size, tested: row.tested, positive: row.positive };
		const given = Object.values(pools).filter((v) => v.trim() !== '').length;
		if (given === 0) return;
		for (const [name, value] of Object.entries(pools)) {
			if (value.trim() === '') wrong[`${at}.pools.${name}`] = 'pools';
			else if (whole(value) === null) wrong[`${at}.pools.${name}`] = 'whole';
		}
		if ((whole(row.positive) ?? 0) > (whole(row.tested) ?? Infinity)) wrong[`${at}.pools.positive`] = 'more';
	});
	return wrong;
}

/** The question for the server. Rows must have passed `wrongRows`. */
export function question(rows: readonly Row[], s: Settings, focus: number | null): RoundAsk {
	const share = (percent: number) => percent / 100;
	return {
		communes: rows.map((row) => ({
			unit_id: row.unitId,
			specimens: whole(row.specimens) ?? 0,
			pools: row.size.trim() === '' ? null : { size: whole(row.size) ?? 0, tested: whole(row.tested) ?? 0, positive: whole(row.positive) ?? 0 },
			pooling: row.pooling
		})),
		sizes: [...s.sizes].sort((a, b) => a - b),
		subpools: s.subpools,
		arrays: s.arrays,
		assay:
			s.assay === 'viral_load'
				? { kind: 'viral_load', threshold: s.threshold, specificity: share(s.specificity) }
				: {
						kind: 'fixed',
						pool_sensitivity: share(s.poolSensitivity),
						single_sensitivity: share(s.singleSensitivity),
						specificity: share(s.specificity)
					},
		laboratories: s.laboratories.map((l) => ({ name: l.name, per_hour: byHour(l), turnaround: l.turnaround })),
		limits: {
			hours: s.hours,
			collection_hours: s.collectionHours,
			lead_hours: s.leadHours,
			recall_hours: s.recallHours,
			start_hour: s.startHour,
			staff_minutes: s.staffHours === null ? null : s.staffHours * 60,
			minutes_per_specimen: s.minutesPerSpecimen,
			minutes_per_test: s.minutesPerTest,
			minutes_per_recall: s.minutesPerRecall,
			worth: s.worth,
			validity_hours: s.validityHours,
			interval_hours: s.intervalHours
		},
		weight: s.weight,
		growth: s.growth,
		household: {
			members: s.members,
			representatives: Math.min(s.representatives, s.members),
			sar: share(s.sar),
			exposure: s.exposure,
			outbreak: s.outbreak
		},
		focus
	};
}
