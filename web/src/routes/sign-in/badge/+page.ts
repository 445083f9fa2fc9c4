import { i18n } from '#lib/i18n/index.ts';
import { STAFF_ICONS } from '#lib/ui/icons.staff.ts';
import { addIcons } from '#lib/ui/icons.ts';
import type { PageLoad } from './$types';

/** The words and icons of staff are fetched with their pages: no citizen carries them. */
export const load: PageLoad = () => {
	addIcons(STAFF_ICONS);
	return i18n.loadStaff();
};
