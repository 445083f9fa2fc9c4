import { vi } from './vi';
import { date, dateTime, number, percent, type Lang } from '../format';
import { i18n } from './state.svelte';

export { i18n };
export type { Lang };
/** The words of the shared catalogue in the reader's language. Reactive: use it in markup as `t().signIn.title`. */
export const t = (): typeof vi => i18n.core as typeof vi;

export const num = (n: number, digits = 0) => number(n, i18n.lang, digits);
export const pct = (share: number, digits = 1) => percent(share, i18n.lang, digits);
export { date, dateTime };
