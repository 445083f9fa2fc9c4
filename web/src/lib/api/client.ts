import type { Client } from 'openapi-fetch';
import { i18n } from '#lib/i18n/index.ts';
import type { paths } from './schema';
import { problemOf, unreachable } from './problem';

// openapi-fetch gives the types: every path, parameter, body and answer is checked against the schema. Its runtime
// weighs three kilobytes that a citizen would download; what the product uses of it fits below.

interface Init {
	params?: { path?: Record<string, string | number>; query?: Record<string, unknown> };
	headers?: Record<string, string>;
	body?: unknown;
	bodySerializer?: (body: unknown) => BodyInit;
	signal?: AbortSignal;
}
type Answer<T> = { data?: T; error?: unknown; response: Response };

function address(path: string, params: Init['params']): string {
	const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(params?.path?.[name])));
	const query = new URLSearchParams();
	for (const [key, value] of Object.entries(params?.query ?? {})) if (value !== undefined) query.append(key, String(value));
	const text = query.toString();
	return text ? `${filled}?${text}` : filled;
}

const verb =
	(method: string) =>
	async (path: string, init: Init = {}): Promise<Answer<unknown>> => {
		// What the server asks of every request: the reader's language, and the CSRF header on everything that writes.
		const headers = new Headers({ Accept: 'application/json', 'Accept-Language': i18n.lang, ...init.headers });
		if (method !== 'GET') headers.set('X-Greenfort', '1');
		let body: BodyInit | null = null;
		if (init.bodySerializer) body = init.bodySerializer(init.body);
		else if (init.body !== undefined) {
			body = JSON.stringify(init.body);
			headers.set('Content-Type', 'application/json');
		}
		const response = await fetch(address(path, init.params), { method, headers, body, signal: init.signal ?? null, credentials: 'same-origin' });
		const json = /json/.test(response.headers.get('Content-Type') ?? '');
		const answer: unknown = json ? await response.json() : undefined;
		return response.ok ? { data: answer, response } : { error: answer, response };
	};

export const http = { GET: verb('GET'), POST: verb('POST'), PUT: verb('PUT'), PATCH: verb('PATCH'), DELETE: verb('DELETE') } as unknown as Pick<
	Client<paths>,
	'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
>;

/** Unwraps an answer: the data, or an ApiProblem with words fit to show. */
export async function ok<T>(call: Promise<Answer<T>>): Promise<T> {
	return (await full(call)).data;
}

/** As `ok`, with the entity tag beside it. */
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
