import { goto } from '$app/navigation';
import { page } from '$app/state';
import type { Session } from './api/types';
import { homeOf, safeNext } from './home';
import { session } from './session.svelte';

/** Signed in: on to where the reader wanted to go, else to the home of the first role. */
export async function enter(who: Session): Promise<void> {
	session.set(who);
	await goto(safeNext(page.url.searchParams.get('next')) ?? homeOf(who), { replace: true });
}
