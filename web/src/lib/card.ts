import { digits } from './format';
import { t } from './i18n';

// 64 random bits in base 32 are thirteen letters: anything much shorter is a slip, and need not cost a try.
const CARD_LENGTH = 12;

/** The code of a printed card without the dashes it is printed with. */
export const cardOf = (typed: string): string => typed.toUpperCase().replace(/[^A-Z0-9]/g, '');

/** What can be seen to be wrong before anything is sent. */
export function cardErrors(card: string, birthYear: string, thisYear: number) {
	const year = Number(digits(birthYear));
	return {
		card: cardOf(card).length >= CARD_LENGTH ? undefined : t().card.cardBad,
		birth_year: year >= 1900 && year <= thisYear ? undefined : t().card.birthYearBad(thisYear)
	};
}
