import { readFile } from 'node:fs/promises';
import { enterAs, expect, test } from '../support/app.ts';

const AUDITOR = /Người kiểm tra nhật ký/;

test('a look at a person is found in the trail by the auditor, without the name of that person', async ({ page }) => {
	await enterAs(page, /Trạm y tế xã/);
	await page.goto('/people');
	await page.getByRole('searchbox').first().fill('nguyen van');
	await page.getByRole('table').getByRole('link').first().click();
	await expect(page).toHaveURL(/\/people\/[0-9a-f-]{36}$/);
	const heading = page.getByRole('heading', { level: 1 });
	await expect(heading).toHaveText(/Nguyễn Văn/);
	const name = await heading.innerText();
	const id = new URL(page.url()).pathname.split('/').pop() ?? '';

	await page.context().clearCookies();
	await enterAs(page, AUDITOR);
	await page.goto(`/audit?object=${id}`);
	const row = page.getByRole('table').getByRole('row', { name: /registry\.read_person/ }).first();
	await expect(row).toContainText('Trạm y tế xã');
	await expect(page.locator('main')).not.toContainText(name);

	// From the entry to everything this account did, and the filter stands in its field.
	await row.getByRole('button', { name: /Trạm y tế xã/ }).click();
	await expect(page).toHaveURL(/actor=[0-9a-f-]{36}/);
	await expect(page.getByLabel('Mã tài khoản')).toHaveValue(/^[0-9a-f-]{36}$/);
});

test('filters live in the address, say when nothing matches, and are taken off with one key', async ({ page }) => {
	await enterAs(page, AUDITOR);
	await page.goto('/audit?action=access.');
	const rows = page.getByRole('table').locator('tbody tr');
	await expect(rows.first()).toBeVisible();
	for (const action of await rows.locator('td:nth-child(3) .mono').allInnerTexts()) expect(action).toMatch(/^access\./);
	await page.getByLabel('Việc').fill('khong-co-viec-nay');
	await expect(page).toHaveURL(/action=khong-co-viec-nay/);
	await expect(page.getByText('Không có việc nào trong khoảng này')).toBeVisible();
	await page.getByRole('button', { name: 'Bỏ lọc' }).click();
	await expect(page).not.toHaveURL(/action=/);
	await expect(page.getByLabel('Việc')).toHaveValue('');
	await expect(rows.first()).toBeVisible();
});

test('the export holds the entries that are seen', async ({ page }) => {
	await enterAs(page, AUDITOR);
	await page.goto('/audit?action=access.sign_in');
	const rows = page.getByRole('table').locator('tbody tr');
	await expect(rows.first()).toBeVisible();
	const seen = await rows.count();
	const download = page.waitForEvent('download');
	await page.getByRole('button', { name: 'Tải CSV' }).click();
	const lines = (await readFile(await (await download).path(), 'utf8')).slice(1).trim().split('\r\n');
	expect(lines).toHaveLength(seen + 1);
	expect(lines.slice(1).every((line) => line.includes('access.sign_in'))).toBe(true);
});

test('the seals of the trail verify', async ({ page }) => {
	await enterAs(page, AUDITOR);
	await page.goto('/audit');
	await page.getByRole('link', { name: 'Xem niêm phong' }).click();
	await expect(page).toHaveURL(/seals/);
	await expect(async () => {
		await page.reload();
		await expect(page.getByText('Các lô đang hiện đều khớp.')).toBeVisible({ timeout: 1000 });
	}).toPass();
	await expect(page.getByText('Không khớp')).toHaveCount(0);
});
