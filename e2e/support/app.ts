import { expect, test as base, type Page } from '@playwright/test';

/** What the product itself must never do on any page: break, or ask for something its content policy refuses. */
export const test = base.extend<{ clean: void }>({
	clean: [
		async ({ page }, use) => {
			const found: string[] = [];
			page.on('pageerror', (error) => found.push(String(error)));
			page.on('console', (message) => {
				// A refused request (401, 404, 422) is logged by the browser itself and is often what a journey wants.
				if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) found.push(message.text());
			});
			await use();
			expect(found).toEqual([]);
		},
		{ auto: true }
	]
});
export { expect };

/** Signs in on the demonstration's page with the role named in Vietnamese or English. */
export async function enterAs(page: Page, role: string | RegExp): Promise<void> {
	await page.goto('/sign-in/demo');
	await page.getByRole('main').getByRole('button', { name: role }).first().click();
	await expect(page).not.toHaveURL(/sign-in/);
}

/** The other language is one key away on every page. */
export async function choose(page: Page, language: 'vi' | 'en'): Promise<void> {
	await page.context().addCookies([{ name: 'greenfort_lang', value: language, url: new URL(page.url()).origin }]);
	await page.reload();
	await expect(page.locator('html')).toHaveAttribute('lang', language);
}

/** The server's clock: a demonstration stands in September 2021. */
export async function serverNow(page: Page): Promise<number> {
	const about = (await (await page.request.get('/api/v1/about')).json()) as { now?: string };
	return about.now ? Date.parse(about.now) : Date.now();
}
