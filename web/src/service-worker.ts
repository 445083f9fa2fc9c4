// The sampler's pages without a network, and nothing else: a browser that never opens a shift never gets this worker. Files are
// taken from one version only, the one the pages were built with; a new version waits until the sampler asks for it.

import { version } from '$app/env';

interface Extendable extends Event {
	waitUntil(promise: Promise<unknown>): void;
}
interface FetchEvent extends Extendable {
	readonly request: Request;
	respondWith(answer: Promise<Response>): void;
}
const worker = globalThis as unknown as {
	clients: { claim(): Promise<void> };
	skipWaiting(): Promise<void>;
	addEventListener(type: 'install' | 'activate', act: (event: Extendable) => void): void;
	addEventListener(type: 'fetch', act: (event: FetchEvent) => void): void;
	addEventListener(type: 'message', act: (event: MessageEvent) => void): void;
};

const CACHE = `sampling-${version}`;
/** The application's page: the same for every address. */
const PAGE = '/sampling/shift';

worker.addEventListener('install', (event) => {
	const fill = async () => {
		const list = (await (await fetch('/offline.json', { cache: 'no-store' })).json()) as string[];
		const cache = await caches.open(CACHE);
		await cache.addAll([...list, PAGE].map((path) => new Request(path, { cache: 'no-cache' })));
	};
	event.waitUntil(fill());
});

worker.addEventListener('activate', (event) => {
	const tidy = async () => {
		for (const name of await caches.keys()) if (name.startsWith('sampling-') && name !== CACHE) await caches.delete(name);
		await worker.clients.claim();
	};
	event.waitUntil(tidy());
});

// Never by itself: a new version in the middle of a tube would take the page away.
worker.addEventListener('message', (event) => {
	if (event.data === 'use the new version') void worker.skipWaiting();
});

worker.addEventListener('fetch', (event) => {
	const { request } = event;
	const url = new URL(request.url);
	if (request.method !== 'GET' || url.origin !== location.origin || url.pathname.startsWith('/api/')) return;
	const page = request.mode === 'navigate';
	if (page && url.pathname !== PAGE) return;
	const answer = async () => {
		const cache = await caches.open(CACHE);
		return (await cache.match(page ? PAGE : request, { ignoreVary: true })) ?? fetch(request);
	};
	event.respondWith(answer());
});
