import { readFile } from 'node:fs/promises';
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { choose, enterAs, expect, test } from '../support/app.ts';

const SHEET = ['Xã\tSố mẫu\tCỡ gộp\tSố nhóm\tNhóm dương', 'giao long\t1.800\t10\t180\t0', 'Xã Tân Thạch\t1900\t10\t190\t9'].join('\n');

async function bring(page: Page, sheet: string): Promise<void> {
	const paste = page.getByLabel('Dán vào đây');
	if (!(await paste.isVisible())) await page.getByText('Nhập từ bảng tính').click();
	await paste.fill(sheet);
	await page.getByRole('button', { name: 'Nhập', exact: true }).click();
}
const plan = (page: Page) => page.getByRole('group', { name: 'Kế hoạch' });
const figure = (page: Page, name: string) => page.locator(`[data-figure="${name}"]`);
const missed = async (page: Page) => Number((await figure(page, 'missed').textContent())!.replace(/[^\d,]/g, '').replace(',', '.'));
const ready = (page: Page) => expect(page.getByText('Kế hoạch đã theo đúng giới hạn đang chọn.')).toBeVisible();

test.beforeEach(async ({ page }) => {
	await enterAs(page, /Cán bộ y tế tỉnh/);
	await page.goto('/planner');
});

test('an officer brings last round’s pools, pulls a limit, and sees the plan move', async ({ page }) => {
	await bring(page, SHEET);
	await expect(page.getByText('Đã nhập 2 xã.')).toBeVisible();
	await ready(page);
	await expect(plan(page).getByRole('row', { name: /Xã Giao Long/ })).toContainText(/Gộp|Làm đơn/);
	const before = await missed(page);

	const perHour = page.getByRole('spinbutton', { name: 'Xét nghiệm mỗi giờ' });
	await perHour.fill('12');
	await expect(page.getByText('Thiếu xét nghiệm: thêm năng lực phòng xét nghiệm thì bỏ sót ít đi.').last()).toBeVisible();
	await ready(page);
	expect(await missed(page)).toBeGreaterThan(before);
	await expect(plan(page).getByRole('row', { name: /Xã Tân Thạch/ })).toContainText('không còn xét nghiệm');

	await page.getByRole('button', { name: 'Xã Tân Thạch', exact: true }).click();
	await expect(page.getByRole('heading', { name: /Vì sao Xã Tân Thạch được cách này/ })).toBeVisible();
	await expect(page.getByText(/Nếu nhiễm gấp năm lần/)).toBeVisible();
	await expect(page.getByRole('img', { name: /Xét nghiệm mỗi người theo cỡ gộp/ })).toBeVisible();

	await page.reload();
	await expect(page.getByLabel('Xã Tân Thạch, Nhóm dương')).toHaveValue('9');
	await expect(perHour).toHaveValue('12');
});

test('a wrong sheet brings in nothing and names every mistake', async ({ page }) => {
	await bring(page, 'Giao Long,x,10,180,2\nXã Không Có,5\nTân Thạch,5,10,3,4');
	await expect(page.getByText('3 chỗ sai, chưa nhập dòng nào')).toBeVisible();
	const wrong = page.getByRole('group', { name: 'Sai ở đâu' });
	await expect(wrong.getByRole('row', { name: /^1 Số mẫu .*“x” không phải số nguyên/ })).toBeVisible();
	await expect(wrong.getByRole('row', { name: /^2 Xã .*Không có xã “Xã Không Có”/ })).toBeVisible();
	await expect(wrong.getByRole('row', { name: /^3 Nhóm dương .*4 nhóm dương nhiều hơn/ })).toBeVisible();
	await expect(page.getByText('Chưa có xã nào')).toBeVisible();
});

test('a whole district comes in by name without diacritics, by keyboard alone', async ({ page }) => {
	const picker = page.getByLabel('Thêm xã, hoặc cả huyện, cả tỉnh');
	await picker.focus();
	await page.keyboard.type('chau thanh');
	await expect(page.getByRole('option', { name: /Huyện Châu Thành/ })).toBeVisible();
	while (!(await page.getByRole('option', { name: /Huyện Châu Thành/ }).getAttribute('data-highlighted').then((v) => v !== null))) await page.keyboard.press('ArrowDown');
	await page.keyboard.press('Enter');
	await expect(page.getByText(/Đã thêm \d+ xã của Huyện Châu Thành/)).toBeVisible();
	await ready(page);
	const rows = plan(page).locator('tbody tr');
	expect(await rows.count()).toBeGreaterThan(15);

	await page.getByRole('button', { name: 'Bỏ Xã Giao Long' }).click();
	await expect(page.getByLabel('Xã Giao Long, Số mẫu')).toHaveCount(0);
	await page.getByRole('button', { name: 'Hoàn tác' }).click();
	await expect(page.getByLabel('Xã Giao Long, Số mẫu')).toBeVisible();
});

test('what is refused is said beside its field, and the last plan stays', async ({ page }) => {
	await bring(page, SHEET);
	await ready(page);
	const tests = await figure(page, 'tests').textContent();
	await page.getByRole('spinbutton', { name: 'Cả vòng xong trong' }).fill('0');
	await expect(page.getByText('Nhập số từ 1 đến 2000.').first()).toBeVisible();
	await expect(page.getByText('Kế hoạch dưới đây là của lần trước')).toBeVisible();
	expect(await figure(page, 'tests').textContent()).toBe(tests);

	await page.getByRole('spinbutton', { name: 'Cả vòng xong trong' }).fill('72');
	await ready(page);
	await page.getByLabel('Xã Tân Thạch, Nhóm dương').fill('191');
	await expect(page.getByText('Nhiều hơn số nhóm')).toBeVisible();
	await expect(page.getByLabel('Xã Tân Thạch, Nhóm dương')).toHaveAttribute('aria-invalid', 'true');

	await page.getByLabel('Xã Tân Thạch, Nhóm dương').fill('9');
	await ready(page);
	await page.route('**/planning/advice', (route) => route.abort());
	await page.getByRole('spinbutton', { name: 'Xét nghiệm mỗi giờ' }).fill('30');
	await expect(page.getByText('Chưa kết nối được với máy chủ')).toBeVisible();
	expect(await figure(page, 'tests').textContent()).toBe(tests);
	await page.unroute('**/planning/advice');
	await page.getByRole('button', { name: 'Thử lại' }).click();
	await ready(page);
});

test('the export holds the plan that is shown', async ({ page }) => {
	await bring(page, SHEET);
	await ready(page);
	const download = page.waitForEvent('download');
	await page.getByRole('button', { name: 'Tải CSV' }).click();
	const text = await readFile(await (await download).path(), 'utf8');
	const lines = text.slice(1).trim().split('\r\n');
	expect(lines).toHaveLength(3);
	expect(lines[2]).toContain('Xã Tân Thạch');
	expect(lines[0]).toContain('Cách gộp');
});

for (const width of [360, 1280]) {
	for (const language of ['vi', 'en'] as const) {
		test(`the planner is clean and fits, ${width} px, ${language}`, async ({ page }) => {
			await bring(page, SHEET);
			await ready(page);
			await page.setViewportSize({ width, height: 900 });
			await choose(page, language);
			await expect(figure(page, 'tests')).toBeVisible();
			for (const summary of await page.locator('details > summary').all()) await summary.click();
			const { violations } = await new AxeBuilder({ page }).analyze();
			expect(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).join(', ')}`)).toEqual([]);
			expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0);
			await page.screenshot({ path: test.info().outputPath(`planner-${width}-${language}.png`), fullPage: true });
		});
	}
}

test('who plans no rounds does not see the planner in the menu, and is refused by the server', async ({ page }) => {
	await enterAs(page, /Quản trị hệ thống/);
	await expect(page.getByRole('link', { name: 'Cỡ gộp' })).toHaveCount(0);
	const data = {
		communes: [{ unit_id: 1, specimens: 10 }],
		sizes: [10],
		assay: { kind: 'viral_load', threshold: 38, specificity: 0.995 },
		laboratories: [{ name: 'A', per_hour: Array<number>(24).fill(10), turnaround: 5 }]
	};
	const answer = await page.request.post('/api/v1/planning/advice', { data, headers: { 'X-Greenfort': '1' } });
	expect(answer.status()).toBe(403);
});

test('a plan goes onto A4 with all its columns and none of its controls', async ({ page }) => {
	await bring(page, SHEET);
	await ready(page);
	await page.emulateMedia({ media: 'print' });
	await page.setViewportSize({ width: 718, height: 1000 }); // A4 without its margins, at 96 dots an inch
	await expect(page.getByRole('button', { name: 'In kế hoạch' })).toBeHidden();
	const table = plan(page).locator('table');
	await expect(table).toBeVisible();
	const { right } = await table.evaluate((t) => t.getBoundingClientRect());
	expect(right).toBeLessThanOrEqual(718);
});
