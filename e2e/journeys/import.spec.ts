import { readFile } from 'node:fs/promises';
import { enterAs, expect, test } from '../support/app.ts';

const stamp = String(Math.floor(performance.timeOrigin)).slice(-6);
const HEAD = 'STT;Họ và tên;Ngày sinh;Giới tính;Số CCCD;Ấp\r\n';
const sheet = (rows: string[]) => Buffer.from(`\ufeffXÃ AN PHƯỚC;;;;;\r\nDANH SÁCH NHÂN KHẨU;;;;;\r\n${HEAD}${rows.join('\r\n')}\r\n`);

test('a sheet with a bad row changes nothing, the rest goes in on choice, the row comes back', async ({ page }) => {
	await enterAs(page, /Trạm y tế xã/);
	await page.goto('/people');
	await page.getByRole('link', { name: 'Nhập từ bảng' }).click();
	await page.getByRole('button', { name: 'Gửi tệp' }).click();
	await expect(page.getByText('Chọn một tệp.')).toBeVisible();

	await page.getByRole('combobox', { name: 'Bảng của đơn vị' }).pressSequentially('an phuoc');
	await page.getByRole('option', { name: /^Xã An Phước/ }).click();
	await page.getByLabel('Tệp bảng').setInputFiles({
		name: 'danh-sach.csv',
		mimeType: 'text/csv',
		buffer: sheet([
			`1;NGUYỄN THỊ NHẬP;1985;Nữ;083185${stamp};Ấp 1`,
			`2;Nguyeenx Vawn An;31/02/1990;Nam;;Ấp 1`
		])
	});
	await page.getByRole('button', { name: 'Gửi tệp' }).click();
	await expect(page).toHaveURL(/\/people\/import\/[0-9a-f-]+$/);
	await expect(page.getByRole('combobox', { name: /Nội dung: Cột B/ })).toHaveValue('name');
	await expect(page.getByRole('combobox', { name: /Nội dung: Cột E/ })).toHaveValue('id_number');
	await page.getByRole('button', { name: 'Nhập vào danh sách' }).focus();
	await page.keyboard.press('Enter');

	await expect(page.getByText('1 dòng sai. Chưa nhập gì.')).toBeVisible({ timeout: 20_000 });
	const faults = page.getByRole('group', { name: 'Dòng sai' });
	await expect(faults.getByRole('row', { name: /^5 B Họ và tên.*Nguyễn Văn An/ })).toBeVisible();
	await expect(faults.getByRole('row', { name: /^5 C Ngày sinh.*không có ngày 31/ })).toBeVisible();

	const back = page.waitForEvent('download');
	await page.getByRole('link', { name: 'Tải các dòng trả lại' }).click();
	const text = await readFile(await (await back).path(), 'utf8');
	expect(text).toContain('Lý do');
	expect(text).toContain('Nguyeenx Vawn An');
	expect(text).not.toContain('NGUYỄN THỊ NHẬP');

	await page.getByRole('button', { name: 'Nhập 1 dòng đúng' }).click();
	await expect(page.getByText('Đã nhập xong 1 dòng.')).toBeVisible({ timeout: 20_000 });
	await expect(page.locator('[data-count=created]')).toHaveText('1');
	await expect(page.locator('[data-count=rejected]')).toHaveText('1');

	await page.goto('/people');
	await page.getByRole('searchbox').fill('nhap ' + stamp.slice(-4));
	await expect(page.getByRole('link', { name: 'Nguyễn Thị Nhập' })).toBeVisible();
});

test('a list goes out with its count and its mark', async ({ page }) => {
	await enterAs(page, /Trạm y tế xã/);
	await page.goto('/people/export');
	await page.getByRole('combobox', { name: 'Người dân của đơn vị' }).pressSequentially('an phuoc');
	await page.getByRole('option', { name: /^Xã An Phước/ }).click();
	await page.getByLabel('Loại tệp').selectOption('csv');
	await page.getByRole('button', { name: 'Xuất', exact: true }).click();
	const row = page.getByRole('row', { name: /Xã An Phước.*Đã xong/ }).first();
	await expect(row).toBeVisible({ timeout: 20_000 });
	const file = page.waitForEvent('download');
	await row.getByRole('link', { name: 'Tải tệp' }).click();
	const lines = (await readFile(await (await file).path(), 'utf8')).trim().split('\r\n');
	const people = Number((await row.getByRole('cell').nth(2).innerText()).replace(/\D/g, ''));
	expect(lines).toHaveLength(people + 1);
	const mark = await row.getByRole('cell').nth(4).innerText();
	expect(lines.slice(1).every((line) => line.endsWith(mark))).toBe(true);
});

test('an import is undone: who came by it is gone, who was touched since stays and is named', async ({ page }) => {
	await enterAs(page, /Trạm y tế xã/);
	await page.goto('/people/import');
	await page.getByRole('combobox', { name: 'Bảng của đơn vị' }).pressSequentially('an phuoc');
	await page.getByRole('option', { name: /^Xã An Phước/ }).click();
	await page.getByLabel('Tệp bảng').setInputFiles({
		name: 'nham.csv',
		mimeType: 'text/csv',
		buffer: sheet([`1;LÂM THỊ NHẦM;1985;Nữ;083185${Number(stamp) ^ 1};Ấp 1`, `2;LÂM VĂN GIỮ;1990;Nam;083090${stamp};Ấp 1`])
	});
	await page.getByRole('button', { name: 'Gửi tệp' }).click();
	await expect(page).toHaveURL(/\/people\/import\/[0-9a-f-]+$/);
	const address = page.url();
	await page.getByRole('button', { name: 'Nhập vào danh sách' }).click();
	await expect(page.getByText('Đã nhập xong 2 dòng.')).toBeVisible({ timeout: 20_000 });

	await page.goto('/people');
	await page.getByRole('searchbox').fill(`lam van giu ${stamp.slice(-4)}`);
	await page.getByRole('link', { name: 'Lâm Văn Giữ' }).click();
	await expect(page.getByRole('region', { name: 'Quá trình' }).getByText('theo danh sách nhập')).toBeVisible();
	await page.getByRole('link', { name: 'Sửa thông tin' }).click();
	await page.getByLabel(/^Điện thoại/).fill('0912345679');
	await page.getByRole('button', { name: 'Lưu thay đổi' }).click();
	await expect(page.getByText('*******679')).toBeVisible();

	await page.goto(address);
	await page.getByRole('button', { name: 'Hoàn tác lần nhập này' }).click();
	await page.getByRole('alertdialog').getByRole('button', { name: 'Hoàn tác lần nhập này' }).click();
	await expect(page.getByText('Đã hoàn tác: 1 người trở lại như trước khi nhập.')).toBeVisible({ timeout: 20_000 });
	await expect(page.getByText('1 người giữ nguyên')).toBeVisible();
	await expect(page.getByRole('link', { name: 'Lâm Văn Giữ' })).toBeVisible();
	await page.goto('/people');
	await page.getByRole('searchbox').fill('lam thi nham');
	await expect(page.getByText('Không có kết quả').or(page.getByRole('button', { name: 'Bỏ lọc' })).first()).toBeVisible();
	await expect(page.getByRole('link', { name: 'Lâm Thị Nhầm' })).toHaveCount(0);
});
