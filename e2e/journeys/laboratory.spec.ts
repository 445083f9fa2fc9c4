import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { enterAs, expect, test } from '../support/app.ts';
import { openField, type Field } from '../support/field.ts';
import { bareFieldPhone, households, laboratory, resultFile, sendSwabs, type Swab } from '../support/lab.ts';

let field: Field;
let swabs: Swab[];
test.beforeAll(async ({ baseURL }) => {
	const base = baseURL ?? '';
	field = await openField(base);
	await laboratory(base);
	const phone = await bareFieldPhone(base, field);
	const hamlet = field.hamlets.at(-1)!;
	const homes = await households(field, hamlet.unit_id, 3);
	swabs = homes.map((home, n) => ({ ...home, label: field.labels[n]! }));
	await sendSwabs(base, field, phone, hamlet.unit_id, swabs);
});

async function importFile(page: Page, samples: [string, string, string | null][]): Promise<void> {
	await page.getByLabel('Chọn tệp').setInputFiles({ name: 'ket-qua.csv', mimeType: 'text/csv', buffer: resultFile(samples) });
	await page.getByRole('button', { name: 'Nhập tệp' }).click();
}

async function release(page: Page, run: string): Promise<void> {
	await enterAs(page, /Trưởng phòng xét nghiệm/);
	await page.goto(run);
	await page.getByRole('button', { name: 'Duyệt kết quả' }).click();
	await page.getByRole('alertdialog').getByRole('button', { name: 'Duyệt kết quả' }).click();
	await expect(page.getByText(/Đã duyệt \d+ kết quả/)).toBeVisible();
}

async function startRun(page: Page, name: string): Promise<string> {
	await page.getByLabel('Tên mẻ').fill(name);
	await page.getByRole('button', { name: 'Bắt đầu mẻ' }).click();
	await expect(page).toHaveURL(/laboratory\/runs/);
	await expect(page.getByRole('heading', { level: 1 })).toHaveText(name);
	return new URL(page.url()).pathname;
}

test('a pool turns positive: received, pooled, run, released by a second person, opened, called, taken apart', async ({ page }) => {
	test.setTimeout(180_000);
	await enterAs(page, /Kỹ thuật viên xét nghiệm/);
	await page.goto('/laboratory');
	for (const swab of swabs) {
		await page.getByLabel('Mã ống').fill(swab.label);
		await page.getByLabel('Mã ống').press('Enter');
		await expect(page.getByRole('status').getByText(swab.label)).toBeVisible();
	}
	// What the scanner is answered is read out, and no list loses its items for it.
	expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
	for (const swab of swabs) await page.getByRole('checkbox', { name: `Chọn ống ${swab.label}` }).check();
	await page.getByLabel('Nhãn mẫu gộp').fill('P-DOI-1');
	await page.getByRole('button', { name: 'Gộp 3 ống' }).click();
	await expect(page.getByText('Đã gộp.')).toBeVisible();
	await page.getByRole('checkbox', { name: 'Chọn P-DOI-1' }).check();
	await page.getByRole('button', { name: 'Xếp 1 ống lên đĩa' }).first().click();
	const pooled = await startRun(page, 'Mẻ gộp');

	// The file of another run is refused with its well, and nothing is taken.
	await importFile(page, [['A1', 'P-KHAC', null]]);
	await expect(page.getByText(/giếng A1: Tệp ghi P-KHAC mà sơ đồ đặt P-DOI-1/)).toBeVisible();
	await importFile(page, [['A1', 'P-DOI-1', '33,2']]);
	await expect(page.getByText('Đã ghi 1 kết quả mới.')).toBeVisible();
	await expect(page.getByRole('button', { name: 'Duyệt kết quả' })).toHaveCount(0);

	await release(page, pooled);
	await page.goto(pooled);
	await page.getByRole('link', { name: 'P-DOI-1' }).click();
	await expect(page.getByText('tạm giữ').first()).toBeVisible();
	await expect(page.getByText('mở mẫu gộp, phải lấy riêng').first()).toBeVisible();

	// The station has them on its list, in walking order, and the person's page says why.
	await enterAs(page, /Trạm y tế xã/);
	await page.goto('/recalls');
	const member = swabs[0]!.members[0]!;
	const line = page.getByRole('listitem').filter({ hasText: member.name }).first();
	await expect(line.getByText('lấy mẫu lại')).toBeVisible();
	await line.getByRole('button', { name: 'Vắng' }).click();
	await expect(line.getByText('1 lần tìm')).toBeVisible();
	await page.goto(`/people/${member.person_id}`);
	await expect(page.getByRole('heading', { name: 'Kết quả xét nghiệm' })).toBeVisible();
	await expect(page.getByText('mở mẫu gộp, phải lấy riêng').first()).toBeVisible();

	// The singles come first on the board; one is positive.
	await enterAs(page, /Kỹ thuật viên xét nghiệm/);
	await page.goto('/laboratory');
	for (const swab of swabs) await page.getByRole('checkbox', { name: `Chọn ${swab.label}`, exact: true }).check();
	await page.getByRole('button', { name: 'Xếp 3 ống lên đĩa' }).first().click();
	const singles = await startRun(page, 'Mẻ đơn');
	// Wells follow the order of the board, which the page shows.
	const rows = await page.getByRole('group', { name: 'Từng giếng' }).getByRole('row').filter({ has: page.getByRole('rowheader') }).allInnerTexts();
	const at = (label: string) => rows.find((row) => row.includes(label))?.split(/\s/)[0] ?? '';
	await importFile(page, swabs.map((swab, n) => [at(swab.label), swab.label, n === 0 ? '29,4' : null]));
	await expect(page.getByText('Đã ghi 3 kết quả mới.')).toBeVisible();
	await release(page, singles);

	await enterAs(page, /Trạm y tế xã/);
	await page.goto(`/people/${swabs[0]!.donor.person_id}`);
	await expect(page.getByText('dương tính', { exact: true }).first()).toBeVisible();
	await page.goto(`/people/${swabs[1]!.donor.person_id}`);
	await expect(page.getByText('âm tính', { exact: true }).first()).toBeVisible();
	await page.goto(`/people/${swabs[1]!.members[0]!.person_id}`);
	await expect(page.getByText('được đại diện, âm tính').first()).toBeVisible();
});

test('the life of a tube stands on one page', async ({ page }) => {
	await enterAs(page, /Kỹ thuật viên xét nghiệm/);
	await page.goto('/laboratory');
	await page.getByRole('textbox', { name: 'Tìm ống' }).fill(swabs[0]!.label);
	await page.getByRole('button', { name: 'Tìm ống' }).click();
	for (const step of ['Lấy mẫu', 'Phòng xét nghiệm nhận', 'Đã duyệt']) await expect(page.getByText(step).first()).toBeVisible();
});
