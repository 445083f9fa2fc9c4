import { i18n } from '#lib/i18n/index.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = () => i18n.loadStaff();
