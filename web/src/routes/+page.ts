import { redirect } from '@sveltejs/kit';
import { homeOf } from '#lib/home.ts';
import { session } from '#lib/session.svelte.ts';
import type { PageLoad } from './$types';

/** The bare address leads to the reader's own home, or to the doors. */
export const load: PageLoad = async () => {
	const who = await session.ensure();
	redirect(307, who ? homeOf(who) : '/sign-in');
};
