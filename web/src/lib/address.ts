import { goto } from '$app/navigation';
import { page } from '$app/state';

/** Puts filters into the address, so that a view can be sent to a colleague; empty ones go. Focus and scroll stay. */
export function setAddress(changes: Record<string, string | null | undefined>): void {
	const next = new URLSearchParams(page.url.search);
	for (const [key, value] of Object.entries(changes)) {
		if (value) next.set(key, value);
		else next.delete(key);
	}
	const query = next.toString();
	if (query === page.url.searchParams.toString()) return;
	void goto(query ? `${page.url.pathname}?${query}` : page.url.pathname, { reset: false, replace: true });
}

/** Calls `act` once typing has paused. */
export function afterPause<A extends unknown[]>(act: (...args: A) => void, ms = 250): (...args: A) => void {
	let timer: ReturnType<typeof setTimeout> | undefined;
	return (...args) => {
		clearTimeout(timer);
		timer = setTimeout(() => act(...args), ms);
	};
}
