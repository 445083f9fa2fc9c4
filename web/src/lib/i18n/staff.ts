import { i18n } from './state.svelte';
import type { StaffCatalogue } from './vi.staff';

/** The words of the staff catalogue. The staff layout loads it before any page shows. */
export function s(): StaffCatalogue {
	if (!i18n.staff) throw new Error('the staff catalogue is loaded by the staff layout');
	return i18n.staff;
}
