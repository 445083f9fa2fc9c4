import { i18n } from '#lib/i18n/index.ts';
import { STAFF_ICONS } from '#lib/ui/icons.staff.ts';
import { addIcons } from '#lib/ui/icons.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async () => {
	addIcons(STAFF_ICONS);
	await i18n.loadStaff();
};
