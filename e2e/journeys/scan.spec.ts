import config from '../playwright.config.ts';
import { enterAs, expect, test } from '../support/app.ts';
import { filmOf } from '../support/camera.ts';

// A number of its own for every run: the server keeps who was entered in an earlier one.
const serial = String(Math.floor(performance.timeOrigin) % 1_000_000).padStart(6, '0');
const CARD = `083195${serial}||Huỳnh Thị Ngọc Diệp|14021995|Nữ|Ấp Long Hòa, Giao Long, Châu Thành, Bến Tre|15042021`;

const launch = config.use?.launchOptions ?? {};
test.use({
	permissions: ['camera'],
	launchOptions: {
		...launch,
		args: [...(launch.args ?? []), '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream', `--use-file-for-fake-video-capture=${filmOf(CARD, 'greenfort-e2e-card')}`]
	}
});

test('a CCCD before the camera fills the form, and the next time finds the person', async ({ page }) => {
	await enterAs(page, /Trạm y tế xã/);
	await page.goto('/people');
	await page.getByRole('button', { name: 'Mở máy ảnh' }).click();
	await expect(page.getByText('Chưa có ai mang thẻ này trong địa bàn')).toBeVisible();
	await page.getByRole('button', { name: 'Thêm người với thông tin trên thẻ' }).click();
	await expect(page.getByLabel('Họ và tên')).toHaveValue('Huỳnh Thị Ngọc Diệp');
	await expect(page.getByLabel('Năm sinh hoặc ngày sinh')).toHaveValue('14/02/1995');
	await expect(page.getByRole('radio', { name: 'Nữ' })).toBeChecked();
	expect(page.url(), 'no number in the address').not.toContain(serial);
	await page.getByRole('combobox', { name: 'Nơi ở' }).pressSequentially('an phuoc');
	await page.getByRole('option', { name: /^Xã An Phước/ }).click();
	await page.getByRole('button', { name: 'Ghi vào danh sách' }).click();
	await expect(page.getByRole('heading', { level: 1 })).toHaveText('Huỳnh Thị Ngọc Diệp');
	const record = page.url();

	await page.goto('/people');
	await page.getByRole('button', { name: 'Mở máy ảnh' }).click();
	await expect(page).toHaveURL(record);
});

test('a scanner that types, and a label of a tube', async ({ page }) => {
	await enterAs(page, /Trạm y tế xã/);
	await page.goto('/people');
	await page.getByLabel('Máy quét hoặc gõ số').pressSequentially('GF0000012345\n');
	await expect(page.getByText('Đây là nhãn ống mẫu, không phải thẻ của người.')).toBeVisible();
	await page.getByLabel('Máy quét hoặc gõ số').fill('083200000001|123456789|Lê Văn Tám|01012000|Nam|Giao Long|15042021');
	await page.keyboard.press('Enter');
	await expect(page.getByText('Chưa có ai mang thẻ này trong địa bàn')).toBeVisible();
});
