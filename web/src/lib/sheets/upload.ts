import { http, ok } from '#lib/api/client.ts';

/** Bytes of a part, as the server expects them. */
const PART = 1 << 20;
const TRIES = 4;

/** Sends a file part by part; a part that does not arrive is sent again. `from` parts are there already. */
export async function sendParts(id: string, file: File, from: number, onpart: (sent: number) => void): Promise<void> {
	for (let number = from; number * PART < file.size; number++) {
		const bytes = file.slice(number * PART, (number + 1) * PART);
		for (let attempt = 1; ; attempt++) {
			try {
				await ok(
					http.POST('/api/v1/imports/{id}/parts/{number}', {
						params: { path: { id, number } },
						headers: { 'Content-Type': 'application/octet-stream' },
						body: [],
						bodySerializer: () => bytes
					})
				);
				break;
			} catch (thrown) {
				if (attempt === TRIES) throw thrown;
				await new Promise((resolve) => setTimeout(resolve, 500 * 2 ** attempt));
			}
		}
		onpart(Math.min(file.size, (number + 1) * PART));
	}
}
