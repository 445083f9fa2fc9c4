import { http, ok } from '#lib/api/client.ts';
import type { UnitRef } from '#lib/api/types.ts';

/** The unit that an address names by number only, fetched for its picker. */
export class UnitOfAddress {
	unit = $state.raw<UnitRef | null>(null);

	constructor(id: () => string) {
		$effect(() => {
			const wanted = id();
			if (wanted === '') this.unit = null;
			else if (String(this.unit?.id) !== wanted)
				void ok(http.GET('/api/v1/units/{id}', { params: { path: { id: Number(wanted) } } })).then((u) => (this.unit = u), () => undefined);
		});
	}
}
