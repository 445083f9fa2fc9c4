import { i18n } from '#lib/i18n/index.ts';
import type { PageLoad } from './$types';

/** The words of staff are fetched with their pages: no citizen carries them. */
export const load: PageLoad = () => i18n.loadStaff();
