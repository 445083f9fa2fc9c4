import createClient, { type Middleware } from 'openapi-fetch';
import { i18n } from '#lib/i18n/index.ts';
import type { paths } from './schema';
import { ApiProblem, problemOf, unreachable } from './problem';

/** What the server asks of every request: the reader's language, and the CSRF header on everything that writes. */
const habits: Middleware = {
	onRequest({ request }) {
		request.headers.set('Accept-Language', i18n.lang);
		if (request.method !== 'GET') request.headers.set('X-Greenfort', '1');
		return request;
	}
};

export const http = createClient<paths>({ baseUrl: '', credentials: 'same-origin' });
http.use(habits);

type Answer<T> = { data?: T; error?: unknown; response: Response };

/** Unwraps an answer: the data, or an ApiProblem with words fit to show. */
export async function ok<T>(call: Promise<Answer<T>>): Promise<T> {
	return (await full(call)).data;
}

/** As `ok`, with the response beside it for its ETag. */
export async function full<T>(call: Promise<Answer<T>>): Promise<{ data: T; etag: string | null }> {
	let answer: Answer<T>;
	try {
		answer = await call;
	} catch (cause) {
		if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
		throw unreachable();
	}
	if (!answer.response.ok) throw problemOf(answer.response.status, answer.error);
	return { data: answer.data as T, etag: answer.response.headers.get('ETag') };
}

export { ApiProblem };
