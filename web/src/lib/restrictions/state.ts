import type { Restriction } from '#lib/api/types.ts';

/** Whether a restriction holds at an instant: not yet, now, or no longer. */
export function stateOf(r: Pick<Restriction, 'starts_at' | 'ends_at'>, now: number): 'to come' | 'in force' | 'ended' {
	if (Date.parse(r.starts_at) > now) return 'to come';
	return r.ends_at && Date.parse(r.ends_at) <= now ? 'ended' : 'in force';
}

/** The instant at which a day of the province begins; the province keeps UTC+7 all the year. */
export const beginOf = (day: string): string => `${day}T00:00:00+07:00`;

/** The instant at which a day has passed. */
export function endOf(day: string): string {
	const next = new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000);
	return beginOf(next.toISOString().slice(0, 10));
}
