import { num, pct } from '#lib/i18n/index.ts';
import { s } from '#lib/i18n/staff.ts';
import type { CommuneAdvice, PoolDesign } from '#lib/api/types.ts';

/** A design in words: `Gộp 10`, `Gộp 20, chia 5`, `Bảng 10 × 10`, `Làm đơn`. */
export function designWords({ size, subpool, array }: PoolDesign): string {
	const words = s().planner.designs;
	if (array) return words.array(size);
	if (subpool) return words.split(size, subpool);
	return size <= 1 ? words.single : words.pool(size);
}

/** Small counts with their decimals, large ones without. */
export const amount = (value: number): string => num(value, value < 10 ? 2 : value < 100 ? 1 : 0);
export const share = (value: number): string => pct(value, value < 0.01 ? 2 : 1);

/** Why a commune has its design and not the next better one, in one sentence. */
export function reason(c: CommuneAdvice): string {
	const words = s().planner;
	if (c.too_late) return words.tooLate;
	if (!c.next) return words.best;
	const next = words.next(designWords(c.next.design), amount(c.next.fewer_missed), amount(c.next.more_tests));
	return `${next}: ${words.stop[c.stopped_by ?? 'nothing']}.`;
}
