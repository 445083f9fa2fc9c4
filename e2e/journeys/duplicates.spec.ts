import type { Page } from '@playwright/test';
import { enterAs, expect, test } from '../support/app.ts';

async function own(page: Page): Promise<number> {
	const session = (await (await page.request.get('/api/v1/session')).json()) as { grants: { over: { id?: number } }[] };
	return session.grants[0]?.over.id ?? 0;
}

/** Enters somebody into a new household through the interface that the pages use. */
async function enter(page: Page, people: Record<string, unknown>[]): Promise<string> {
	const headers = { 'X-Greenfort': '1' };
	const home = await page.request.post('/api/v1/households', { headers, data: { unit_id: await own(page), address: 'Số 21, đường liên ấp' } });
	expect(home.status()).toBe(201);
	const { id } = (await home.json()) as { id: string };
	for (const person of people) {
		const made = await page.request.post('/api/v1/people', { headers, data: { household_id: id, ...person } });
		expect(made.status(), await made.text()).toBe(201);
	}
	return id;
}

test('a person entered twice is found, merged in one press, and unmerged', async ({ page }) => {
	const letters = String(Math.floor(performance.timeOrigin) % 100_000).replace(/\d/g, (d) => 'abcdeghikl'[Number(d)] ?? 'a');
	const name = `Tôn Nữ ${letters[0]?.toUpperCase()}${letters.slice(1)}`;
	await enterAs(page, /Trạm y tế xã/);
	const household = await enter(page, [
		{ name, birth: '1961', sex: 'female' },
		{ name: name.normalize('NFD').replace(/[\u0300-\u036f]/g, ''), birth: '1961-05-04', sex: 'female', phone: '0912345678' }
	]);

	await page.goto('/duplicates');
	await page.getByRole('button', { name: 'Tìm hồ sơ trùng' }).click();
	const pair = page.getByRole('article').filter({ hasText: letters.slice(1) });
	await expect(pair).toBeVisible({ timeout: 30_000 });
	await expect(pair.getByText('Cùng hộ')).toBeVisible();
	await pair.getByRole('button', { name: /^Giữ hồ sơ này: bên trái/ }).focus();
	await page.keyboard.press('Enter');
	await expect(page.getByText(/Đã gộp hồ sơ của/)).toBeVisible();
	await expect(pair).toHaveCount(0);
	await page.goto(`/households/${household}`);
	await expect(page.getByRole('row', { name: new RegExp(letters.slice(1)) })).toHaveCount(1);

	await page.goto('/duplicates');
	await page.getByRole('button', { name: new RegExp(`^Hoàn tác: tách lại hồ sơ của .*${letters.slice(1)}`) }).first().click();
	await expect(page.getByText('Đã tách, mọi thứ trở lại như trước.')).toBeVisible();
	await expect(pair).toBeVisible();
	await page.goto(`/households/${household}`);
	await expect(page.getByRole('row', { name: new RegExp(letters.slice(1)) })).toHaveCount(2);

	await page.goto('/duplicates');
	await pair.getByRole('button', { name: /là hai người khác nhau$/ }).click();
	await expect(page.getByText('Đã ghi là hai người khác nhau.')).toBeVisible();
	await expect(pair).toHaveCount(0);
});

test('a request about personal data is entered, answered, and the record erased', async ({ page }) => {
	await enterAs(page, /Trạm y tế xã/);
	const household = await enter(page, [{ name: 'Lâm Thị Xóa', birth: '1977', sex: 'female' }]);
	await page.goto(`/households/${household}`);
	await page.getByRole('link', { name: 'Lâm Thị Xóa' }).click();
	await expect(page.getByRole('heading', { level: 1 })).toHaveText('Lâm Thị Xóa');
	const record = page.url();
	await expect(page.getByRole('region', { name: 'Ai đã xem hồ sơ này' }).getByText('Ghi vào danh sách')).toBeVisible();
	await page.getByRole('button', { name: 'Nhận yêu cầu' }).click();
	const dialog = page.getByRole('alertdialog');
	await dialog.getByRole('radio', { name: 'Xóa' }).check();
	await dialog.getByLabel('Ai yêu cầu, yêu cầu gì').fill('Tự đến trạm, có CCCD');
	await dialog.getByRole('button', { name: 'Nhận yêu cầu' }).click();
	await expect(dialog).toHaveCount(0);
	await page.goto('/data-requests');
	await page.getByRole('button', { name: 'Trả lời yêu cầu của Lâm Thị Xóa' }).first().click();
	await expect(dialog.getByText(/Không lấy lại được/)).toBeVisible();
	await dialog.getByRole('button', { name: 'Trả lời' }).click();
	await expect(page.getByRole('link', { name: 'Lâm Thị Xóa' })).toHaveCount(0);
	await page.goto(record);
	await expect(page.getByText(/Đã xóa dữ liệu/)).toBeVisible();
	await expect(page.getByText('Lâm Thị Xóa')).toHaveCount(0);
});
