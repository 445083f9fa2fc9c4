import { enterAs, expect, test } from '../support/app.ts';

test('no page may run or load what is not its own', async ({ page }) => {
	for (const path of ['/', '/sign-in', '/components', '/api/v1/about']) {
		const policy = (await page.request.get(path)).headers()['content-security-policy'] ?? '';
		expect(policy, path).toContain("default-src 'self'");
		expect(policy, path).toContain("frame-ancestors 'none'");
		expect(policy, path).not.toMatch(/'unsafe-inline'|'unsafe-eval'|https?:/);
	}
});

test('the reader of the API works under its own content policy and shows examples', async ({ page }) => {
	await page.goto('/api/docs/');
	await expect(page.locator('.opblock').first()).toBeVisible({ timeout: 20_000 });
	expect(await page.locator('.opblock').count()).toBeGreaterThan(40);
	await page.locator('#operations-units-unit_figures').getByRole('button').first().click();
	await expect(page.locator('#operations-units-unit_figures')).toContainText('Xã An Phước');
	await expect(page.locator('#operations-units-unit_figures')).not.toContainText('Could not render');
	await expect(page.locator('#operations-units-unit_figures')).toContainText('urn:greenfort:problem:');
});

test('large type is a quarter larger, stays, and nothing runs off the side', async ({ page }) => {
	await page.setViewportSize({ width: 360, height: 760 });
	await page.goto('/settings');
	const size = () => page.evaluate(() => parseFloat(getComputedStyle(document.body).fontSize));
	const normal = await size();
	await page.getByText('Chữ lớn', { exact: true }).click();
	expect(await size()).toBeCloseTo(normal * 1.25, 1);
	await page.goto('/sign-in/phone');
	expect(await size()).toBeCloseTo(normal * 1.25, 1);
	for (const path of ['/sign-in', '/sign-in/demo', '/components', '/settings']) {
		await page.goto(path);
		await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
		expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth), path).toBeLessThanOrEqual(0);
	}
});

test('the leader sees the figures of the province on a phone and on a wall', async ({ page }) => {
	await enterAs(page, /^Lãnh đạo/);
	for (const width of [360, 1920, 3840]) {
		await page.setViewportSize({ width, height: Math.round((width * 9) / 16) + 400 });
		await page.goto('/board');
		await expect(page.getByText('175.893')).toBeVisible();
		expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0);
	}
});

test('a dialog is opened, kept to and left by keyboard, and focus comes back', async ({ page }) => {
	await page.goto('/components');
	const opener = page.getByRole('button', { name: 'Thu hồi' }).first();
	await opener.focus();
	await page.keyboard.press('Enter');
	const dialog = page.getByRole('alertdialog').or(page.getByRole('dialog'));
	await expect(dialog).toBeVisible();
	for (let n = 0; n < 6; n++) {
		await page.keyboard.press('Tab');
		expect(await dialog.evaluate((d) => d.contains(document.activeElement))).toBe(true);
	}
	await page.keyboard.press('Escape');
	await expect(dialog).toHaveCount(0);
	await expect(opener).toBeFocused();
});

test('a list is chosen from by keyboard alone', async ({ page }) => {
	await page.goto('/components');
	const list = page.locator('fieldset').last();
	await list.getByRole('radio').first().focus();
	await page.keyboard.press('ArrowDown');
	await expect(list.getByRole('radio').nth(1)).toBeFocused();
	await expect(list.getByRole('radio').nth(1)).toBeChecked();
});
