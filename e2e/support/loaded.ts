import type { FullConfig } from '@playwright/test';

const PATIENCE_MS = 240_000;

/** The district is loading while the server already answers: the journeys begin when it stands. */
export default async function loaded(config: FullConfig): Promise<void> {
	const base = config.projects[0]?.use.baseURL ?? '';
	const page = await fetch(base);
	if (!page.ok) throw new Error(`the binary serves no pages (${page.status}): run \`make web\` and build it again`);
	const end = Date.now() + PATIENCE_MS;
	for (;;) {
		const answer = await fetch(`${base}/api/v1/about`);
		const { loading } = (await answer.json()) as { loading: { step: string; done: number; total: number } | null };
		if (!loading) {
			// The accounts of the demonstration come last.
			const roles = (await (await fetch(`${base}/api/v1/session/demo`)).json()) as { items?: unknown[] };
			if (roles.items?.length) return;
		}
		if (Date.now() > end) throw new Error(`still loading ${loading ? `${loading.step}: ${loading.done} of ${loading.total}` : 'the accounts'}`);
		await new Promise((resolve) => setTimeout(resolve, 1000));
	}
}
