import { test } from '../support/app.ts';
import { newPhone, openField, scan, startShift, subjects } from '../support/field.ts';
test('shots', async ({ browser, baseURL }) => {
	test.setTimeout(120_000);
	const field = await openField(baseURL ?? '');
	for (const width of [360, 1280]) {
		const { context, page } = await newPhone(browser, field, 'Ảnh', { viewport: { width, height: 800 } });
		const shot = (name: string) => page.screenshot({ path: `/tmp/shots/${name}-${width}.png`, fullPage: true });
		await page.goto('/sampling'); await page.waitForTimeout(600); await shot('home');
		await page.goto('/sampling/shift'); await page.waitForTimeout(800); await shot('start');
		await startShift(page, [field.hamlets[0]!.unit_name]);
		await page.waitForTimeout(600); await shot('tube');
		await scan(page, field.labels[0]!); await page.waitForTimeout(300); await shot('people');
		const list = await subjects(field, field.hamlets[0]!.unit_id);
		const donor = list.find((p) => p.choice === 1 && !p.reach && list.filter((o) => o.household_id === p.household_id).length === 5)!;
		await page.getByLabel('Quét thẻ hoặc gõ tên').fill(donor.name); await shot('search');
		await page.getByRole('button', { name: donor.name }).first().click(); await shot('stand');
		await page.getByRole('button', { name: 'Tất cả đang ở' }).click();
		await page.getByRole('button', { name: 'Đúng, ghi người này' }).click(); await page.waitForTimeout(500); await shot('done');
		await page.getByRole('button', { name: 'Danh sách', exact: true }).click(); await page.getByRole('button', { name: /^Xong/ }).click(); await shot('list');
		await scan;
		await context.close();
	}
});
