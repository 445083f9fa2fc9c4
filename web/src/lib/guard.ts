import { redirect } from '@sveltejs/kit';
import type { Session } from './api/types';
import { homeOf } from './home';
import { session } from './session.svelte';

/** The session, or the way to the doors with the wish to come back. */
export async function signedIn(url: { pathname: string; search: string }): Promise<Session> {
	const who = await session.ensure();
	if (!who) redirect(307, `/sign-in?next=${encodeURIComponent(url.pathname + url.search)}`);
	return who;
}

/** As `signedIn`, and the page must suit; who does not belong here is led home. The server decides on the data by itself. */
export async function suited(url: { pathname: string; search: string }, suits: (who: Session) => boolean): Promise<Session> {
	const who = await signedIn(url);
	if (!suits(who)) redirect(307, homeOf(who));
	return who;
}
