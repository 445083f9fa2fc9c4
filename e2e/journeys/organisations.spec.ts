import type { Page } from '@playwright/test';
import { enterAs, expect, test } from '../support/app.ts';

/** Somebody of the area, entered for this journey; answers the name. */
async function somebody(page: Page, name: string, year: string): Promise<string> {
	await page.goto('/people/new');
	await page.getByLabel('Họ và tên').fill(name);
	await page.getByLabel('Năm sinh hoặc ngày sinh').fill(year);
	await page.getByRole('radio', { name: 'Nam' }).check();
	await place(page, 'Nơi ở');
	await page.getByRole('button', { name: 'Ghi vào danh sách' }).click();
	await expect(page.getByRole('heading', { level: 1 })).toHaveText(name);
	return name;
}

async function place(page: Page, label: string): Promise<void> {
	await page.getByRole('combobox', { name: label }).pressSequentially('an phuoc');
	await page.getByRole('option', { name: /^Xã An Phước/ }).click();
}

async function choosePerson(page: Page, name: string): Promise<void> {
	const dialog = page.getByRole('alertdialog');
	await dialog.getByLabel('Tìm người theo tên').pressSequentially(name);
	await page.getByRole('option', { name: new RegExp(`^${name}`) }).first().click();
}

test('an enterprise is registered, found, given a shift and a worker who leaves again', async ({ page }) => {
	await enterAs(page, /Trạm y tế xã/);
	await somebody(page, 'Võ Văn Thợ Dừa', '1988');
	await page.goto('/organisations');
	await page.getByRole('link', { name: 'Thêm tổ chức' }).click();
	await page.getByRole('textbox', { name: 'Tên', exact: true }).fill('Công ty Dừa Xanh An Phước');
	await page.getByLabel('Mã số thuế').fill('12');
	await place(page, 'Ấp, xã');
	await page.getByRole('button', { name: 'Thêm tổ chức' }).click();
	await expect(page.getByText('Mã số thuế có 10 số').first()).toBeVisible();
	await page.getByLabel('Mã số thuế').fill('1300 765 432');
	await page.getByRole('button', { name: 'Thêm tổ chức' }).click();
	await expect(page.getByRole('heading', { level: 1 })).toHaveText('Công ty Dừa Xanh An Phước');

	await page.getByRole('button', { name: 'Thêm ca, phân xưởng' }).click();
	await page.getByLabel('Tên ca, phân xưởng').fill('Ca 1');
	await page.getByRole('alertdialog').getByRole('button', { name: 'Thêm ca, phân xưởng' }).click();
	await expect(page.getByText('Đã thêm Ca 1.')).toBeVisible();

	await page.getByRole('button', { name: 'Thêm người' }).click();
	await choosePerson(page, 'Võ Văn Thợ Dừa');
	await page.getByRole('alertdialog').getByLabel('Ca, phân xưởng').selectOption('Ca 1');
	await page.getByRole('alertdialog').getByRole('button', { name: 'Thêm người' }).click();
	await expect(page.getByText('Võ Văn Thợ Dừa đã vào danh sách.')).toBeVisible();
	await expect(page.getByRole('row', { name: /Võ Văn Thợ Dừa.*Ca 1/ })).toBeVisible();

	// Found without diacritics, by the address of the list alone.
	await page.goto('/organisations?q=dua+xanh&kind=enterprise');
	await expect(page.getByRole('row', { name: /Công ty Dừa Xanh An Phước.*Doanh nghiệp.*1/ })).toBeVisible();
	await page.getByRole('link', { name: 'Công ty Dừa Xanh An Phước' }).click();

	await page.getByRole('button', { name: 'Cho Võ Văn Thợ Dừa nghỉ' }).click();
	await page.getByRole('alertdialog').getByRole('button', { name: 'Cho nghỉ' }).click();
	await expect(page.getByText('Võ Văn Thợ Dừa đã rời danh sách.')).toBeVisible();
	await page.getByLabel('Hiện').selectOption('Cả người đã nghỉ');
	await page.getByRole('link', { name: 'Võ Văn Thợ Dừa' }).click();
	await expect(page.getByRole('region', { name: 'Quá trình' }).getByText('Nghỉ làm')).toBeVisible();
});

test('a vehicle with a driver: one plate is one vehicle however it is typed', async ({ page }) => {
	await enterAs(page, /Trạm y tế xã/);
	await somebody(page, 'Ngô Văn Tài', '1979');
	for (const typed of ['71c-987.65', '71C 98765']) {
		await page.goto('/vehicles/new');
		await page.getByLabel('Biển số').fill(typed);
		await place(page, 'Ấp, xã');
		await page.getByRole('button', { name: 'Thêm xe' }).click();
		if (typed === '71c-987.65') await expect(page.getByRole('heading', { level: 1 })).toHaveText('71C-987.65');
	}
	await expect(page.getByText('Đã có xe mang biển số này').first()).toBeVisible();
	await page.goto('/vehicles?plate=98765');
	await page.getByRole('link', { name: '71C-987.65' }).click();
	await page.getByRole('button', { name: 'Thêm người' }).click();
	await choosePerson(page, 'Ngô Văn Tài');
	await page.getByRole('alertdialog').getByRole('button', { name: 'Thêm người' }).click();
	await expect(page.getByRole('row', { name: /Ngô Văn Tài/ })).toBeVisible();
});

test('a group of residents has a share and an owner', async ({ page }) => {
	await enterAs(page, /Trạm y tế xã/);
	await somebody(page, 'Huỳnh Văn Trọ', '1991');
	await page.goto('/groups/new');
	await page.getByRole('textbox', { name: 'Tên', exact: true }).fill('Dãy trọ Bà Năm');
	await place(page, 'Ấp, xã');
	await page.getByLabel('Người phụ trách danh sách').pressSequentially('Huỳnh Văn Trọ');
	await page.getByRole('option', { name: /^Huỳnh Văn Trọ/ }).first().click();
	await page.getByLabel(/Tỷ lệ lấy mẫu/).fill('25');
	await page.getByRole('button', { name: 'Thêm nhóm' }).click();
	await expect(page.getByRole('heading', { level: 1 })).toHaveText('Dãy trọ Bà Năm');
	await expect(page.getByText('25 %')).toBeVisible();
	await expect(page.getByRole('link', { name: 'Huỳnh Văn Trọ' })).toBeVisible();
});

test('a decision isolates a person, is shown on the page, and is lifted', async ({ page }) => {
	await enterAs(page, /Trạm y tế xã/);
	await somebody(page, 'Đỗ Văn Cách Ly', '1984');
	await page.getByRole('link', { name: 'Cách ly, hạn chế' }).click();
	await expect(page.getByText('Đỗ Văn Cách Ly, 1984')).toBeVisible();
	await page.getByLabel('Loại', { exact: true }).selectOption('Cách ly người bệnh (F0)');
	await page.getByRole('button', { name: 'Ghi quyết định mới' }).click();
	await expect(page.locator('[aria-invalid="true"]').first()).toBeFocused();
	await page.getByLabel('Số quyết định').fill('77/QĐ-UBND');
	await page.getByLabel('Người ký, chức vụ').fill('Trần Văn Tám, Phó Chủ tịch');
	await page.getByRole('button', { name: 'Ghi quyết định mới' }).click();
	await expect(page.getByRole('heading', { level: 1 })).toHaveText('77/QĐ-UBND');
	await page.getByRole('link', { name: 'Đỗ Văn Cách Ly' }).click();
	await page.getByRole('link', { name: /77\/QĐ-UBND/ }).first().click();
	await page.getByRole('button', { name: 'Gỡ hạn chế' }).click();
	await page.getByRole('alertdialog').getByRole('button', { name: 'Gỡ hạn chế' }).click();
	await expect(page.getByText('Đã gỡ.')).toBeVisible();
	await page.goto('/restrictions?all=1');
	await expect(page.getByRole('row', { name: /77\/QĐ-UBND/ })).toBeVisible();
});
