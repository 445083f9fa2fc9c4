import { signedIn } from '#lib/guard.ts';
import { i18n } from '#lib/i18n/index.ts';
import type { LayoutLoad } from './$types';

export const load: LayoutLoad = async ({ url }) => {
	await signedIn(url);
	await i18n.loadStaff();
};
