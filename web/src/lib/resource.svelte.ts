import { asProblem, type ApiProblem } from './api/problem';
import type { List } from './api/types';

/** One thing fetched from the server, fetched again whenever what `read` looks at changes. */
export class Resource<T> {
	data = $state.raw<T | undefined>(undefined);
	problem = $state.raw<ApiProblem | null>(null);
	busy = $state(true);
	#again = $state(0);

	constructor(read: (signal: AbortSignal) => Promise<T>) {
		$effect(() => {
			void this.#again;
			const stop = new AbortController();
			this.busy = true;
			read(stop.signal).then(
				(data) => {
					if (stop.signal.aborted) return;
					this.data = data;
					this.problem = null;
					this.busy = false;
				},
				(thrown: unknown) => {
					if (stop.signal.aborted) return;
					this.problem = asProblem(thrown);
					this.busy = false;
				}
			);
			return () => stop.abort();
		});
	}

	reload = (): void => {
		this.#again += 1;
	};
}

/** A keyset-paged list: starts over when `read`'s inputs change, grows by `more`. */
export class Paged<T> {
	items = $state.raw<T[]>([]);
	total = $state.raw<number | null>(null);
	next = $state.raw<string | null>(null);
	problem = $state.raw<ApiProblem | null>(null);
	busy = $state(true);
	#again = $state(0);
	#read: (after: string | undefined, signal: AbortSignal) => Promise<List<T>>;
	#stop: AbortController | undefined;

	constructor(read: (after: string | undefined, signal: AbortSignal) => Promise<List<T>>) {
		this.#read = read;
		$effect(() => {
			void this.#again;
			this.#fetch(undefined);
			return () => this.#stop?.abort();
		});
	}

	#fetch(after: string | undefined): void {
		this.#stop?.abort();
		const stop = (this.#stop = new AbortController());
		this.busy = true;
		this.#read(after, stop.signal).then(
			(page) => {
				if (stop.signal.aborted) return;
				this.items = after === undefined ? page.items : [...this.items, ...page.items];
				this.total = page.total ?? this.total;
				this.next = page.next ?? null;
				this.problem = null;
				this.busy = false;
			},
			(thrown: unknown) => {
				if (stop.signal.aborted) return;
				this.problem = asProblem(thrown);
				this.busy = false;
			}
		);
	}

	more = (): void => {
		if (this.next) this.#fetch(this.next);
	};
	reload = (): void => {
		this.#again += 1;
	};
}
