import { suited } from '#lib/guard.ts';
import { i18n } from '#lib/i18n/index.ts';
import type { LayoutLoad } from './$types';

/** Office pages: a staff account, and the staff words in its language. */
export const load: LayoutLoad = async ({ url }) => {
	await suited(url, (who) => who.account.kind !== 'citizen');
	await i18n.loadStaff();
};
