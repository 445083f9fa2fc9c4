import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { choose, enterAs, expect, test } from '../support/app.ts';

const OPEN = ['/sign-in', '/sign-in/phone', '/sign-in/card', '/sign-in/badge', '/sign-in/office', '/sign-in/demo', '/enrol', '/first-run#x', '/invitation#x', '/settings', '/components', '/khong-co'];
const BY_ROLE: [string, RegExp, string[]][] = [
	['administrator', /Quản trị hệ thống|^Administrator/, ['/home', '/units', '/units?on=2021-09-10&q=giao', '/accounts', '/accounts/new', '/accounts/temporary', '/devices', '/tokens', '/audit']],
	['auditor', /Người kiểm tra nhật ký|^Auditor/, ['/home', '/audit', '/audit/seals']],
	['leader', /^(Lãnh đạo|Leader)/, ['/board', '/units']],
	['station', /Trạm y tế xã|Commune health station/, ['/home', '/people', '/people/new', '/households', '/households/new', '/organisations', '/organisations/new', '/groups', '/groups/new', '/vehicles', '/vehicles/new', '/restrictions', '/restrictions/new', '/duplicates', '/data-requests', '/recalls', '/closing']],
	['laboratory', /Kỹ thuật viên xét nghiệm|Laboratory technician/, ['/home', '/laboratory']],
	['sampler', /Nhân viên lấy mẫu|^Sampler/, ['/sampling']],
	['checkpoint', /Cán bộ chốt kiểm soát|Checkpoint officer/, ['/checkpoint']],
	['citizen', /^(Người dân|Resident)/, ['/citizen']]
];

async function check(page: Page, path: string): Promise<void> {
	await page.goto(path);
	await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
	// The page of components shows the waiting state itself, once.
	const waiting = path === '/components' ? 1 : 0;
	await expect(page.locator('[role="status"] .sr', { hasText: /Đang tải|Loading/ })).toHaveCount(waiting);
	const { violations } = await new AxeBuilder({ page }).analyze();
	const told = violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).join(', ')}`);
	expect(told, path).toEqual([]);
	const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
	expect(wider, `${path} is wider than the screen`).toBeLessThanOrEqual(0);
}

for (const width of [360, 1280]) {
	for (const language of ['vi', 'en'] as const) {
		test.describe(`${width} px, ${language}`, () => {
			test.use({ viewport: { width, height: 800 } });

			test('pages before signing in are clean', async ({ page }) => {
				await page.goto('/sign-in');
				await choose(page, language);
				for (const path of OPEN) await check(page, path);
			});
			for (const [name, role, paths] of BY_ROLE) {
				test(`pages of the ${name} are clean`, async ({ page }) => {
					test.setTimeout(15_000 * (paths.length + 1));
					await enterAs(page, role);
					await choose(page, language);
					for (const path of paths) await check(page, path);
				});
			}
		});
	}
}

for (const theme of ['dark', 'sunlight']) {
	test(`every component has its contrast on the ${theme} screen`, async ({ page }) => {
		await page.addInitScript((chosen) => localStorage.setItem('greenfort.theme', chosen), theme);
		await check(page, '/components');
	});
}

test('the first Tab leads past the menu to the content', async ({ page }) => {
	await enterAs(page, /Quản trị hệ thống/);
	await page.goto('/units');
	await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
	await page.keyboard.press('Tab');
	await expect(page.getByRole('link', { name: 'Bỏ qua, tới nội dung chính' })).toBeFocused();
	await page.keyboard.press('Enter');
	await expect(page.locator('#main')).toBeFocused();
});
