import { http, ok } from './api/client';
import type { About } from './api/types';

const EVERY_MS = 2000;

/** What this installation is: asked once at the start, and again while its data is loading. */
class AboutState {
	current = $state.raw<About | null>(null);
	#timer: ReturnType<typeof setTimeout> | undefined;

	async refresh(): Promise<void> {
		clearTimeout(this.#timer);
		try {
			this.current = await ok(http.GET('/api/v1/about'));
		} catch {
			// The banner is a courtesy: a page that needs the server says so itself.
		}
		if (!this.current || this.current.loading) this.#timer = setTimeout(() => void this.refresh(), EVERY_MS);
	}
}

export const about = new AboutState();
