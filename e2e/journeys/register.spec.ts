import type { Locator, Page } from '@playwright/test';
import { enterAs, expect, serverNow, test } from '../support/app.ts';

/** Presses Tab until the thing has the focus, as somebody without a mouse does. */
async function tabTo(page: Page, target: Locator): Promise<void> {
	for (let pressed = 0; pressed < 120; pressed++) {
		if (await target.evaluate((node) => node === document.activeElement)) return;
		await page.keyboard.press('Tab');
	}
	await expect(target).toBeFocused();
}

async function press(page: Page, target: Locator): Promise<void> {
	await tabTo(page, target);
	await page.keyboard.press('Enter');
}

/** Types into a field reached by Tab; what stood there goes. */
async function type(page: Page, target: Locator, text: string): Promise<void> {
	await tabTo(page, target);
	await page.keyboard.press('Control+a');
	await page.keyboard.type(text);
}

async function ownUnit(page: Page): Promise<number> {
	const session = (await (await page.request.get('/api/v1/session')).json()) as { grants: { over: { id?: number } }[] };
	const unit = session.grants[0]?.over.id;
	if (unit === undefined) throw new Error('the station has no area');
	return unit;
}

test('a household is made, filled, given a head, and left by keyboard alone', async ({ page }) => {
	await enterAs(page, /Trạm y tế xã/);
	await page.goto(`/households?unit=${await ownUnit(page)}`);
	await expect(page.getByRole('table')).toBeVisible();
	await press(page, page.getByRole('link', { name: 'Thêm hộ' }));
	await type(page, page.getByLabel('Địa chỉ'), 'Số 7, đường dừa');
	await press(page, page.getByRole('button', { name: 'Thêm hộ' }));
	await expect(page.getByRole('heading', { level: 1 })).toHaveText('Số 7, đường dừa');
	await expect(page.getByText('Chưa có ai trong hộ')).toBeVisible();

	for (const [name, year] of [['Phan Thị Bưởi', '1958'], ['Phan Văn Dừa', '1990']] as const) {
		await press(page, page.getByRole('link', { name: 'Thêm người' }));
		await type(page, page.getByLabel('Họ và tên'), name);
		await type(page, page.getByLabel('Năm sinh hoặc ngày sinh'), year);
		await tabTo(page, page.getByRole('radio', { name: 'Nam' }));
		await page.keyboard.press('Space');
		await press(page, page.getByRole('button', { name: 'Ghi vào danh sách' }));
		await expect(page.getByRole('row', { name: new RegExp(name) })).toBeVisible();
	}
	await press(page, page.getByRole('button', { name: 'Phan Thị Bưởi làm chủ hộ' }));
	await expect(page.getByText('Chủ hộ bây giờ là Phan Thị Bưởi.')).toBeVisible();
	await expect(page.getByRole('row', { name: /Phan Thị Bưởi.*Chủ hộ/ })).toBeVisible();

	await type(page, page.getByLabel('Địa chỉ'), 'Số 9, đường dừa');
	await press(page, page.getByRole('button', { name: 'Lưu thay đổi' }));
	await expect(page.getByRole('heading', { level: 1 })).toHaveText('Số 9, đường dừa');

	await press(page, page.getByRole('button', { name: 'Phan Văn Dừa rời hộ' }));
	const dialog = page.getByRole('alertdialog');
	await expect(dialog).toBeVisible();
	const today = new Date((await serverNow(page)) + 7 * 3_600_000).toISOString().slice(0, 10).split('-').reverse().join('/');
	await type(page, dialog.getByLabel(/Từ ngày/), today);
	await press(page, dialog.getByRole('button', { name: 'Rời hộ' }));
	await expect(page.getByText('Phan Văn Dừa đã rời hộ.')).toBeVisible();
	await expect(page.getByRole('region', { name: 'Đã từng ở đây' }).getByText(today)).toBeVisible();
});

test('two who edit one person: the second is told, and nothing is lost', async ({ page, context }) => {
	await enterAs(page, /Trạm y tế xã/);
	await page.goto('/people/new');
	await page.getByLabel('Họ và tên').fill('Đoàn Thị Hai');
	await page.getByLabel('Năm sinh hoặc ngày sinh').fill('12/05/1949');
	await page.getByRole('radio', { name: 'Nữ' }).check();
	await page.getByRole('combobox', { name: 'Nơi ở' }).pressSequentially('an phuoc');
	await page.getByRole('option', { name: /^Xã An Phước/ }).click();
	await page.getByRole('button', { name: 'Ghi vào danh sách' }).click();
	await expect(page.getByRole('heading', { level: 1 })).toHaveText('Đoàn Thị Hai');
	await expect(page.getByText('Mã do xã cấp')).toBeVisible();
	const edit = `${page.url()}/edit`;
	const other = await context.newPage();
	await page.goto(edit);
	await other.goto(edit);
	await page.getByLabel(/^Điện thoại/).fill('0912345678');
	await page.getByRole('button', { name: 'Lưu thay đổi' }).click();
	await expect(page.getByText('*******678')).toBeVisible();
	await other.getByLabel('Họ và tên').fill('Đoàn Thị Ba');
	await other.getByRole('button', { name: 'Lưu thay đổi' }).click();
	await expect(other.getByText('Vừa được người khác thay đổi', { exact: true })).toBeVisible();
	await expect(other.getByLabel('Họ và tên')).toHaveValue('Đoàn Thị Ba');
	await other.getByRole('button', { name: 'Thử lại' }).click();
	await expect(other.getByLabel('Họ và tên')).toHaveValue('Đoàn Thị Hai');
});
