import '#lib/compat.ts';
import { about } from '#lib/about.svelte.ts';
import { i18n } from '#lib/i18n/index.ts';
import { prefs } from '#lib/prefs.svelte.ts';

/** Before the first page: this device's look and language. What the installation is arrives meanwhile. */
export async function init(): Promise<void> {
	prefs.start();
	await i18n.start();
	void about.start();
}
