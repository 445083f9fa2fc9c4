import { download } from '#lib/csv.ts';
import { i18n } from '#lib/i18n/index.ts';
import { problemOf, unreachable } from './problem';

/** Asks for a file that a write makes, such as a badge that exists once, and hands it to the reader. */
export async function downloadFrom(path: string, name: string): Promise<void> {
	let response: Response;
	try {
		response = await fetch(path, {
			method: 'POST',
			headers: { Accept: 'application/pdf, application/problem+json', 'Accept-Language': i18n.lang, 'X-Greenfort': '1' },
			credentials: 'same-origin'
		});
	} catch {
		throw unreachable();
	}
	if (!response.ok) throw problemOf(response.status, await response.json().catch(() => null));
	download(name, await response.blob());
}
