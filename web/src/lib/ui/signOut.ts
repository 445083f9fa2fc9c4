import { goto } from '$app/navigation';
import { session } from '#lib/session.svelte.ts';

/** Signs out and forgets: the next reader of a shared phone starts at the doors. */
export async function signOut(): Promise<void> {
	await session.signOut();
	await goto('/sign-in?why=signed-out', { replace: true, refreshAll: true });
}
