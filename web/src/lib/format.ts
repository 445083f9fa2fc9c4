// Numbers, dates and times as the province writes them. Viet Nam has kept UTC+7 without summer time since 1975,
// so a fixed offset says the right hour on every phone, whatever its zone database.

export type Lang = 'vi' | 'en';

const OFFSET_MS = 7 * 3600 * 1000;
const two = (n: number) => String(n).padStart(2, '0');

/** 1094544 → `1.094.544` (vi) or `1,094,544` (en); decimals as given by `digits`. */
export function number(value: number, lang: Lang, digits = 0): string {
	const [group, point] = lang === 'vi' ? ['.', ','] : [',', '.'];
	const [whole = '0', part] = Math.abs(value).toFixed(digits).split('.');
	const grouped = whole.replace(/\B(?=(\d{3})+$)/g, group);
	const sign = value < 0 && Number(value.toFixed(digits)) !== 0 ? '−' : '';
	return sign + grouped + (part ? point + part : '');
}

/** 0.0312 → `3,1 %`. */
export function percent(share: number, lang: Lang, digits = 1): string {
	return `${number(share * 100, lang, digits)} %`;
}

function local(at: string | Date): Date | null {
	const ms = typeof at === 'string' ? Date.parse(at) : at.getTime();
	return Number.isNaN(ms) ? null : new Date(ms + OFFSET_MS);
}

/** A calendar day `2021-09-10` or an instant → `10/09/2021`. */
export function date(value: string | Date): string {
	if (typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value)) {
		return value.split('-').reverse().join('/');
	}
	const d = local(value);
	return d ? `${two(d.getUTCDate())}/${two(d.getUTCMonth() + 1)}/${d.getUTCFullYear()}` : '';
}

/** An instant → `10/09/2021 18:00`, in Viet Nam. */
export function dateTime(value: string | Date, seconds = false): string {
	const d = local(value);
	if (!d) return '';
	const time = `${two(d.getUTCHours())}:${two(d.getUTCMinutes())}` + (seconds ? `:${two(d.getUTCSeconds())}` : '');
	return `${date(value)} ${time}`;
}

/** Today in Viet Nam as `YYYY-MM-DD`. */
export function today(now: Date): string {
	return new Date(now.getTime() + OFFSET_MS).toISOString().slice(0, 10);
}

/** The instant at which a calendar day begins or ends in Viet Nam, as RFC 3339. */
export function dayStart(day: string): string {
	return new Date(Date.parse(`${day}T00:00:00Z`) - OFFSET_MS).toISOString();
}
export function dayEnd(day: string): string {
	return new Date(Date.parse(`${day}T23:59:59Z`) - OFFSET_MS).toISOString();
}

/** `150` → `2:30`. */
export function minutesSeconds(seconds: number): string {
	const s = Math.max(0, Math.ceil(seconds));
	return `${Math.floor(s / 60)}:${two(s % 60)}`;
}

/** Search key: lower case, no diacritics, đ → d, single spaces. `Bến Tre` and `ben  tre` meet. */
export function fold(text: string): string {
	return text
		.normalize('NFD')
		.replace(/[\u0300-\u036f]/g, '')
		.replace(/[đĐ]/g, 'd')
		.toLowerCase()
		.replace(/\s+/g, ' ')
		.trim();
}

/** `JBSWY3DPEHPK3PXP` → `JBSW Y3DP EHPK 3PXP`, to be typed from a screen. */
export function inFours(text: string): string {
	return text.replace(/\s/g, '').replace(/(.{4})(?=.)/g, '$1 ');
}

/** Digits only: what a person types into a code or phone field, without spaces and dots. */
export function digits(text: string): string {
	return text.replace(/\D/g, '');
}

/** What a person types as a day (`10/9/2021`, `10-09-2021`, `10092021`, `2021-09-10`) as `YYYY-MM-DD`; null if there is no such day. */
export function parseDate(text: string): string | null {
	const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(text.trim());
	const own = /^(\d{1,2})[/.\- ]?(\d{1,2})[/.\- ]?(\d{4})$/.exec(text.trim());
	const [year, month, day] = iso ? iso.slice(1).map(Number) : own ? own.slice(1).map(Number).reverse() : [];
	if (!year || !month || !day) return null;
	const at = new Date(Date.UTC(year, month - 1, day));
	return at.getUTCMonth() === month - 1 && at.getUTCDate() === day ? at.toISOString().slice(0, 10) : null;
}
