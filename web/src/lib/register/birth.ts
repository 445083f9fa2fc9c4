import { date, parseDate } from '#lib/format.ts';

/** What is typed as a birth – a year, or a day in the province's order – as the server takes it; null if it is neither. */
export function parseBirth(typed: string): string | null {
	const text = typed.trim();
	return /^\d{4}$/.test(text) ? text : parseDate(text);
}

/** A birth as it is shown and typed: the whole day where it is known. */
export const showBirth = (year: number, day: string | null | undefined): string => (day ? date(day) : String(year));
