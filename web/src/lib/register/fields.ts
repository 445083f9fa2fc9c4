import type { Card, Person } from '#lib/api/types.ts';
import { t } from '#lib/i18n/index.ts';
import { s } from '#lib/i18n/staff.ts';
import { date } from '#lib/format.ts';
import { filled } from '#lib/form.svelte.ts';
import { parseBirth, showBirth } from './birth.ts';

/** What is typed about a person. Numbers of a known person start empty: they are masked, and empty means unchanged. */
export interface Typed {
	name: string;
	birth: string;
	sex: '' | 'male' | 'female';
	id_number: string;
	phone: string;
	insurance_number: string;
	relation: string;
	exposure: string;
	vaccine_doses: string;
	/** Numbers to take away. */
	gone: Record<'id_number' | 'phone' | 'insurance_number', boolean>;
}

export const NUMBERS = ['id_number', 'phone', 'insurance_number'] as const;

export function typedOf(person?: Person): Typed {
	return {
		name: person?.name ?? '',
		birth: person ? showBirth(person.birth_year, person.birth_date) : '',
		sex: (person?.sex as Typed['sex']) ?? '',
		id_number: '',
		phone: '',
		insurance_number: '',
		relation: person?.relation ?? 'member',
		exposure: person?.exposure ?? 'none',
		vaccine_doses: String(person?.vaccine_doses ?? 0),
		gone: { id_number: false, phone: false, insurance_number: false }
	};
}

/** What a card says replaces what was typed; what it does not say stays. */
export function withCard(typed: Typed, card: Card): Typed {
	return {
		...typed,
		name: card.name ?? typed.name,
		birth: card.birth ? (card.birth.length === 4 ? card.birth : date(card.birth)) : typed.birth,
		sex: (card.sex as Typed['sex'] | null | undefined) ?? typed.sex,
		id_number: card.id_number ?? typed.id_number,
		insurance_number: card.insurance_number ?? typed.insurance_number,
		phone: card.phone ?? typed.phone
	};
}

/** What a form can say by itself; all the rest is the server's to judge. */
export function faults(typed: Typed): Partial<Record<string, string | undefined>> {
	return {
		name: filled(typed.name),
		birth: parseBirth(typed.birth) ? undefined : s().register.birthBad,
		sex: typed.sex ? undefined : t().common.required,
		vaccine_doses: /^\d$/.test(typed.vaccine_doses.trim()) ? undefined : t().common.required
	};
}

/** The body of a request. A number left empty is not sent: unchanged, or none. */
export function bodyOf(typed: Typed) {
	const numbers: Partial<Record<(typeof NUMBERS)[number], string>> = {};
	for (const number of NUMBERS) {
		if (typed.gone[number]) numbers[number] = '';
		else if (typed[number].trim() !== '') numbers[number] = typed[number].trim();
	}
	return {
		name: typed.name.trim(),
		birth: parseBirth(typed.birth) ?? '',
		sex: typed.sex,
		relation: typed.relation,
		exposure: typed.exposure,
		vaccine_doses: Number(typed.vaccine_doses),
		...numbers
	};
}
