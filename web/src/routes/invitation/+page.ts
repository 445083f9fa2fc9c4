import { i18n } from '#lib/i18n/index.ts';
import type { PageLoad } from './$types';

/** The words of the office are fetched with its pages: no citizen carries them. */
export const load: PageLoad = () => i18n.loadStaff();
