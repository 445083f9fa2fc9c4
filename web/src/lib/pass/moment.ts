// Dates of CertLogic: milliseconds, UTC when no offset is given, partial dates of birth rounded up.

/** The years 0 to 9999, as far as every library goes. */
const [FIRST, LAST] = [-62_167_219_200_000, 253_402_207_200_999];

export type Unit = 'year' | 'month' | 'day' | 'hour';
export const isUnit = (word: unknown): word is Unit => ['year', 'month', 'day', 'hour'].includes(word as string);

/** Milliseconds since 1970, UTC. */
export class Moment {
	constructor(readonly ms: number) {}

	private static within(ms: number): Moment | null {
		return ms >= FIRST && ms <= LAST ? new Moment(ms) : null;
	}

	static fromSecond(second: number): Moment | null {
		return Moment.within(second * 1000);
	}

	/** Reads `YYYY-MM-DD`, or `YYYY-MM-DDThh:mm:ss` with optional fraction and offset. */
	static parse(text: string): Moment | null {
		const found = /^(\d{4})-(\d\d)-(\d\d)(?:[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d?)(?::?(\d\d))?)?)?$/.exec(text);
		if (!found) return null;
		const n = (i: number) => Number(found[i] ?? 0);
		const day = dayOf(n(1), n(2), n(3));
		if (day === null || n(4) > 23 || n(5) > 59 || n(6) > 59 || n(9) > 23 || n(10) > 59) return null;
		const offset = (found[8] === '-' ? -1 : 1) * (n(9) * 3600 + n(10) * 60);
		const millis = Number((found[7] ?? '').padEnd(3, '0').slice(0, 3));
		return Moment.within(day + (n(4) * 3600 + n(5) * 60 + n(6) - offset) * 1000 + millis);
	}

	/** A date of birth as certificates have it: `YYYY` and `YYYY-MM` are taken as their last day. */
	static parseBirth(text: string): Moment | null {
		const found = /^(\d{4})(?:-(\d\d)(?:-(\d\d))?)?$/.exec(text);
		if (!found) return null;
		const [year, month] = [Number(found[1]), Number(found[2] ?? 12)];
		const day = dayOf(year, month, found[3] === undefined ? lastOf(year, month) : Number(found[3]));
		return day === null ? null : Moment.within(day);
	}

	/** This moment and `amount` units more; the day is cut to the length of the month. */
	plus(amount: number, unit: Unit): Moment | null {
		if (unit === 'hour' || unit === 'day') return Moment.within(this.ms + amount * (unit === 'hour' ? 3_600_000 : 86_400_000));
		const from = new Date(this.ms);
		const months = from.getUTCFullYear() * 12 + from.getUTCMonth() + amount * (unit === 'year' ? 12 : 1);
		const [year, month] = [Math.floor(months / 12), months - 12 * Math.floor(months / 12) + 1];
		const day = dayOf(year, month, Math.min(from.getUTCDate(), lastOf(year, month)));
		return day === null ? null : Moment.within(day + (((this.ms % 86_400_000) + 86_400_000) % 86_400_000));
	}

	/** ISO 8601 in UTC with milliseconds. */
	iso(): string {
		return new Date(this.ms).toISOString();
	}
}

const lastOf = (year: number, month: number): number => utc(year, month, 0).getUTCDate();

/** `month` counts from 1 here; the zeroth day of the following month is the last of this one. */
function utc(year: number, month: number, day: number): Date {
	const date = new Date(0);
	date.setUTCFullYear(year, day === 0 ? month : month - 1, day);
	return date;
}

/** Midnight of a day that exists. */
function dayOf(year: number, month: number, day: number): number | null {
	if (year < 0 || year > 9999 || month < 1 || month > 12 || day < 1 || day > lastOf(year, month)) return null;
	return utc(year, month, day).getTime();
}
