import { about } from '#lib/about.svelte.ts';
import { suited } from '#lib/guard.ts';
import { i18n } from '#lib/i18n/index.ts';
import { STAFF_ICONS } from '#lib/ui/icons.staff.ts';
import { addIcons } from '#lib/ui/icons.ts';
import type { LayoutLoad } from './$types';

/** Office pages: a staff account, and the staff words in its language. */
export const load: LayoutLoad = async ({ url }) => {
	await about.first;
	await suited(url, (who) => who.account.kind !== 'citizen');
	addIcons(STAFF_ICONS);
	await i18n.loadStaff();
};
