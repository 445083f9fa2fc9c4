import { readFile } from 'node:fs/promises';
import { enterAs, expect, test } from '../support/app.ts';

test.beforeEach(async ({ page }) => {
	await enterAs(page, /Quản trị hệ thống/);
});

test('the tree is walked by keyboard alone, down to a commune', async ({ page }) => {
	await page.goto('/units?on=2021-09-10');
	const tree = page.getByRole('treegrid');
	const row = (name: RegExp) => tree.getByRole('row', { name });
	await expect(row(/Tỉnh Bến Tre 83/)).toHaveAttribute('aria-expanded', 'true');

	await row(/Tỉnh Bến Tre 83/).focus();
	await page.keyboard.press('ArrowRight');
	await page.keyboard.press('End');
	await page.keyboard.press('Home');
	await expect(row(/Tỉnh Bến Tre 83/)).toBeFocused();

	await row(/Huyện Châu Thành/).focus();
	await expect(row(/Huyện Châu Thành/)).toContainText('175.893');
	await page.keyboard.press('ArrowRight');
	await expect(row(/Huyện Châu Thành/)).toHaveAttribute('aria-expanded', 'true');
	await expect(row(/Xã Giao Long/)).toBeVisible();
	await page.keyboard.press('ArrowRight');
	await expect(tree.locator('tr[aria-level="3"]').first()).toBeFocused();
	await page.keyboard.press('ArrowLeft');
	await expect(row(/Huyện Châu Thành/)).toBeFocused();
	await page.keyboard.press('ArrowLeft');
	await expect(row(/Xã Giao Long/)).toHaveCount(0);
	await page.keyboard.press('Enter');
	await expect(page.getByRole('heading', { level: 1 })).toHaveText('Huyện Châu Thành');
});

test('figures of a district stand beside the census, as a picture and as a table', async ({ page }) => {
	await page.goto('/units?on=2021-09-10&q=chau%20thanh');
	await page.getByRole('link', { name: 'Huyện Châu Thành' }).click();
	const census = page.getByRole('group', { name: 'So với tổng điều tra' });
	await expect(census).toContainText('175.893');
	await expect(census).toContainText('57.378');
	await expect(census.getByText('Khớp')).toHaveCount(2);
	await expect(page.getByRole('img', { name: /Tháp tuổi/ })).toBeVisible();
	await page.getByText('Xem dạng bảng').click();
	await expect(page.getByRole('row', { name: /^0-4/ })).toBeVisible();
});

test('search forgives missing diacritics and lives in the address', async ({ page }) => {
	await page.goto('/units?on=2021-09-10');
	await page.getByLabel('Tìm').fill('giao long');
	await expect(page.getByRole('link', { name: 'Xã Giao Long' })).toBeVisible();
	await expect(page).toHaveURL(/q=giao\+long/);
	await page.reload();
	await expect(page.getByRole('link', { name: 'Xã Giao Long' })).toBeVisible();
	await page.getByLabel('Tìm').fill('khong-co-xa-nao-ten-vay');
	await expect(page.getByText('Không có dòng nào khớp')).toBeVisible();
	await page.getByRole('button', { name: 'Bỏ lọc' }).click();
	await expect(page.getByRole('treegrid')).toBeVisible();
});

test('the tree of July 2025 has no districts', async ({ page }) => {
	await page.goto('/units?on=2021-09-10');
	await expect(page.getByRole('row', { name: /Huyện Châu Thành/ })).toBeVisible();
	await page.getByText('Từ 01/07/2025').click();
	await expect(page).toHaveURL(/on=2025-07-01/);
	await expect(page.getByRole('row', { name: /Tỉnh Vĩnh Long/ })).toBeVisible();
	await expect(page.getByRole('row', { name: /Huyện/ })).toHaveCount(0);
	await page.getByLabel('Ngày', { exact: true }).fill('30/06/2025');
	await page.keyboard.press('Tab');
	await expect(page.getByRole('row', { name: /Huyện Châu Thành/ })).toBeVisible();
});

test('the export holds exactly what is seen', async ({ page }) => {
	await page.goto('/units?on=2021-09-10');
	const rows = page.getByRole('treegrid').locator('tbody tr');
	await expect(rows).toHaveCount(10);
	const download = page.waitForEvent('download');
	await page.getByRole('button', { name: 'Tải CSV' }).click();
	const text = await readFile(await (await download).path(), 'utf8');
	expect(text.startsWith('\ufeff')).toBe(true);
	const lines = text.slice(1).trim().split('\r\n');
	expect(lines).toHaveLength(11);
	expect(lines.some((line) => line.includes('Huyện Châu Thành,Huyện,175893,57378'))).toBe(true);
});
