import { about } from '#lib/about.svelte.ts';
import { i18n } from '#lib/i18n/index.ts';
import { prefs } from '#lib/prefs.svelte.ts';

/** Before the first page: this device's look and language. What the installation is arrives meanwhile. */
export async function init(): Promise<void> {
	// Of what compat.ts adds this came last, in Chromium 93: newer phones need not download it.
	if (!Object.hasOwn) await import('#lib/compat.ts');
	prefs.start();
	await i18n.start();
	void about.start();
}
