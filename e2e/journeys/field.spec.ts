import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, test } from '../support/app.ts';
import { newPhone, openField, scan, startShift, subjects, type Field } from '../support/field.ts';

/** Every state of the screen, since no address leads to them. */
const axe = async (page: Page) => expect((await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21aa']).analyze()).violations.map((v) => `${v.id}: ${v.nodes[0]?.html}`)).toEqual([]);

let field: Field;
test.beforeAll(async ({ baseURL }) => {
	field = await openField(baseURL ?? '');
});

test('a household is sampled: tube, donor, who lives here now, and the office sees it', async ({ browser }) => {
	const hamlet = field.hamlets[0]!;
	const before = await subjects(field, hamlet.unit_id);
	const donor = before.find((p) => p.choice === 1 && !p.reach && before.filter((o) => o.household_id === p.household_id).length === 4)!;
	const others = before.filter((p) => p.household_id === donor.household_id && p.person_id !== donor.person_id);
	const { context, page } = await newPhone(browser, field, 'Máy ca 1');
	await page.getByRole('link', { name: 'Vào ca lấy mẫu' }).click();
	await startShift(page, [hamlet.unit_name]);

	await axe(page);
	await scan(page, field.labels[0]!);
	await expect(page.getByText(field.labels[0]!).first()).toBeVisible();
	await page.getByLabel('Quét thẻ hoặc gõ tên').fill(`${donor.name} ${donor.birth_year}`);
	await page.getByRole('button', { name: donor.name }).first().click();
	await expect(page.getByRole('heading', { name: donor.name })).toBeVisible();
	await axe(page);
	for (const other of others.slice(0, 2)) await page.getByRole('checkbox', { name: new RegExp(other.name) }).first().check();
	await expect(page.getByText('Hộ 4 người, đang ở 3, đại diện 1')).toBeVisible();
	await page.getByRole('button', { name: 'Đúng, ghi người này' }).click();
	await expect(page.getByText('Đã gửi hết')).toBeVisible();

	await page.getByRole('button', { name: 'Danh sách' }).click();
	await page.getByRole('button', { name: /^Xong/ }).click();
	const home = page.getByRole('region', { name: donor.address, exact: true });
	await expect(home.getByText(donor.name)).toBeVisible();
	await expect(home.getByText('Đã lấy mẫu')).toBeVisible();
	await expect(home.getByText('Được đại diện')).toHaveCount(2);
	await axe(page);
	const after = await subjects(field, hamlet.unit_id);
	const reach = (id: string) => after.find((p) => p.person_id === id)?.reach ?? null;
	expect(reach(donor.person_id)).toBe('collected');
	expect(others.map((o) => reach(o.person_id)).sort()).toEqual(['represented', 'represented', null].sort());
	await context.close();
});
