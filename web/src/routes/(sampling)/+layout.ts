import { signedIn } from '#lib/guard.ts';
import { i18n } from '#lib/i18n/index.ts';
import { session } from '#lib/session.svelte.ts';
import { addIcons } from '#lib/ui/icons.ts';
import { STAFF_ICONS } from '#lib/ui/icons.staff.ts';
import { kept } from '#lib/field/store.ts';
import type { LayoutLoad } from './$types';

export const load: LayoutLoad = async ({ url }) => {
	// A shift under way asks for no session: it outlasts both the session and the network. Its own PIN guards it.
	const underWay = url.pathname.startsWith('/sampling/shift') && (await kept('shift').catch(() => null));
	if (underWay) void session.ensure().catch(() => undefined);
	else await signedIn(url);
	addIcons(STAFF_ICONS);
	await i18n.loadStaff();
};
