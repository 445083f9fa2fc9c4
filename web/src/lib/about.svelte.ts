import { http, ok } from './api/client';
import { today } from './format';
import type { About } from './api/types';

const EVERY_MS = 2000;

/** What this installation is: asked once at the start, and again while its data is loading. */
class AboutState {
	current = $state.raw<About | null>(null);
	#timer: ReturnType<typeof setTimeout> | undefined;

	/** Today in Viet Nam by the server's clock: a demonstration stands in 2021, and a phone's clock may be wrong. */
	get today(): string {
		return today(this.#skewMs === null ? new Date() : new Date(Date.now() + this.#skewMs));
	}
	#skewMs = $state<number | null>(null);

	/** Settles when the first answer, or its absence, is known. */
	first: Promise<void> = Promise.resolve();

	start(): Promise<void> {
		this.first = this.refresh();
		return this.first;
	}

	async refresh(): Promise<void> {
		clearTimeout(this.#timer);
		try {
			const current = await ok(http.GET('/api/v1/about'));
			this.current = current;
			if (current.now) this.#skewMs = Date.parse(current.now) - Date.now();
		} catch {
			// The banner is a courtesy: a page that needs the server says so itself.
		}
		if (!this.current || this.current.loading) this.#timer = setTimeout(() => void this.refresh(), EVERY_MS);
	}
}

export const about = new AboutState();
