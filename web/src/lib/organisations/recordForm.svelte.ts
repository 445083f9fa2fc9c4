import { Form } from '#lib/form.svelte.ts';
import { t } from '#lib/i18n/index.ts';
import type { Resource } from '#lib/resource.svelte.ts';

/** The form of a record that others may change too: filled by what is read, sent with the version it was filled from. */
export class RecordForm<R extends { id: string }, T> extends Form<string> {
	typed = $state() as T;
	/** What to tell after it was saved. */
	told = $state('');
	#record: Resource<{ data: R; etag: string | null }>;
	#shown = '';

	constructor(record: Resource<{ data: R; etag: string | null }>, fill: (record?: R) => T) {
		super();
		this.#record = record;
		this.typed = fill();
		$effect(() => {
			// A record read anew fills its form; what is being typed is not overwritten by somebody who came or went.
			const read = record.data;
			const tag = `${read?.data.id}${read?.etag ?? ''}`;
			if (read && this.#shown !== tag) {
				this.#shown = tag;
				this.typed = fill(read.data);
			}
		});
	}

	save(event: SubmitEvent, check: () => Partial<Record<string, string | undefined>>, send: (headers: Record<string, string>) => Promise<unknown>): void {
		event.preventDefault();
		const tag = this.#record.data?.etag;
		void this.submit(check, async () => {
			await send({ ...this.headers, ...(tag ? { 'If-Match': tag } : {}) });
			this.told = t().common.saved;
			this.#record.reload();
		});
	}
}
