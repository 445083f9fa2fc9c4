import { writeFileSync } from 'node:fs';
import { expect, test } from '../support/app.ts';
import { newPhone, openField, PIN, plan, scan, startShift, subjects, type Field } from '../support/field.ts';

const DONORS = 200;
let field: Field;
test.beforeAll(async ({ baseURL }) => {
	field = await openField(baseURL ?? '');
});

test('two hundred donors in a shift without a network, and then all of them once', async ({ browser }) => {
	test.setTimeout(240_000);
	const hamlet = field.hamlets[1]!;
	await plan(field, field.round, hamlet.unit_id, { whom: 'everyone' });
	const expected = (await subjects(field, hamlet.unit_id)).filter((p) => p.expected === 'swab' && !p.reach);
	expect(expected.length).toBeGreaterThan(DONORS);
	const { context, page } = await newPhone(browser, field, 'Máy ngoại tuyến');
	await startShift(page, [hamlet.unit_name]);
	await expect(page.getByText('Chạy được không cần mạng')).toBeVisible({ timeout: 30_000 });
	await context.setOffline(true);

	const next = page.getByRole('region', { name: 'Người kế tiếp trên đường đi' }).getByRole('button').first();
	const began = Date.now();
	for (let n = 0; n < DONORS; n++) {
		if (n === DONORS / 2) {
			// The phone is switched off and on in the middle of nowhere.
			await page.goto('/sampling/shift');
			await page.getByRole('textbox', { name: 'Mã PIN của ca' }).fill(PIN);
			await page.getByRole('button', { name: 'Mở khóa' }).click();
			await expect(page.getByText(`Không có mạng · ${n} chờ gửi`)).toBeVisible();
		}
		await scan(page, field.labels[n]!);
		await next.click();
		await expect(page.getByLabel('Quét nhãn ống mẫu')).toBeVisible();
	}
	const seconds = (Date.now() - began) / 1000 / DONORS;
	await expect(page.getByText(`Không có mạng · ${DONORS} chờ gửi`)).toBeVisible();
	expect((await subjects(field, hamlet.unit_id)).filter((p) => p.reach === 'collected')).toHaveLength(0);

	await context.setOffline(false);
	await expect(page.getByText('Đã gửi hết')).toBeVisible({ timeout: 60_000 });
	const after = (await subjects(field, hamlet.unit_id)).filter((p) => p.reach === 'collected');
	expect(after).toHaveLength(DONORS);
	expect(new Set(after.map((p) => p.specimen_id)).size, 'each in a tube of their own').toBe(DONORS);
	// What the machine adds to ten seconds a donor: the person with the swab is not in it.
	const rows = process.env['BENCH_ROWS'];
	if (rows) writeFileSync(rows, JSON.stringify([{ id: 'field-seconds-a-donor', what: 'Seconds a donor in a scripted shift without a network: scan, tap, next', value: seconds, unit: 's', data_size: `${DONORS} donors`, floor: 10, aim: 2, command: 'bench/field.sh' }]));
	await context.close();
});

test('a phone that is revoked forgets everybody, keeps what it has sealed, and the site lead hands it in', async ({ browser, baseURL }) => {
	const hamlet = field.hamlets[0]!;
	const { context, page } = await newPhone(browser, field, 'Máy thu hồi');
	await startShift(page, [hamlet.unit_name]);
	await expect(page.getByText('Chạy được không cần mạng')).toBeVisible({ timeout: 30_000 });
	const list = await subjects(field, hamlet.unit_id);
	const donor = list.find((p) => p.choice === 1 && !p.reach && list.filter((o) => o.household_id === p.household_id).length === 1)!;
	await context.setOffline(true);
	await scan(page, field.labels[380]!);
	await page.getByLabel('Quét thẻ hoặc gõ tên').fill(`${donor.name} ${donor.birth_year}`);
	await page.getByRole('button', { name: donor.name }).first().click();
	await expect(page.getByText('Không có mạng · 1 chờ gửi')).toBeVisible();

	const { items } = (await (await field.lead.get('/api/v1/devices')).json()) as { items: { id: string; label: string; status: string }[] };
	const device = items.find((d) => d.label === 'Máy thu hồi' && d.status === 'enrolled')!;
	expect((await field.lead.post(`/api/v1/devices/${device.id}/revoke`)).ok()).toBe(true);
	await context.setOffline(false);
	await expect(page.getByText('Máy này đã bị thu hồi')).toBeVisible({ timeout: 30_000 });
	await expect(page.getByText('1 chờ gửi')).toBeVisible();
	const left = await page.evaluate(async () => {
		const open = indexedDB.open('greenfort-field');
		const db = await new Promise<IDBDatabase>((done) => (open.onsuccess = () => done(open.result)));
		const read = (store: string) => new Promise<unknown[]>((done) => {
			const all = db.transaction(store).objectStore(store).getAll();
			all.onsuccess = () => done(all.result);
		});
		return { journal: await read('journal'), outbox: JSON.stringify(await read('outbox')), kept: JSON.stringify(await read('kept')) };
	});
	expect(left.journal).toEqual([]);
	expect(left.outbox + left.kept).not.toContain(donor.person_id);
	expect((await subjects(field, hamlet.unit_id)).find((p) => p.person_id === donor.person_id)?.reach).toBeFalsy();

	await page.goto(`${baseURL}/sign-in/demo?next=/sampling/shift`);
	await page.getByRole('main').getByRole('button', { name: /Trạm y tế xã/ }).first().click();
	await expect(page).not.toHaveURL(/sign-in/);
	await page.goto('/sampling/shift');
	await page.getByRole('button', { name: 'Nộp mẫu còn trong máy' }).click();
	await expect(page.getByText('Đã nộp hết. Có thể đăng ký lại máy.')).toBeVisible();
	expect((await subjects(field, hamlet.unit_id)).find((p) => p.person_id === donor.person_id)?.reach).toBe('collected');
	await context.close();
});

test('a phone without contact for a day, or with five wrong PINs, forgets everybody and keeps what it recorded', async ({ browser }) => {
	const hamlet = field.hamlets[0]!;
	const { context, page } = await newPhone(browser, field, 'Máy một ngày');
	await page.clock.install();
	await startShift(page, [hamlet.unit_name]);
	await expect(page.getByText('Chạy được không cần mạng')).toBeVisible({ timeout: 30_000 });
	await context.setOffline(true);
	await page.clock.fastForward(23 * 3_600_000);
	await expect(page.getByLabel('Quét nhãn ống mẫu')).toBeVisible();
	await page.clock.fastForward(2 * 3_600_000);
	await expect(page.getByText('Danh sách trong máy đã hết hạn')).toBeVisible();
	await context.close();

	const other = await newPhone(browser, field, 'Máy sai PIN');
	await startShift(other.page, [hamlet.unit_name]);
	await other.page.reload();
	for (let left = 4; left >= 0; left--) {
		await other.page.getByRole('textbox', { name: 'Mã PIN của ca' }).fill('111222');
		await other.page.getByRole('button', { name: 'Mở khóa' }).click();
		if (left > 0) await expect(other.page.getByText(`Sai mã PIN. Còn ${left} lần`)).toBeVisible();
	}
	await expect(other.page.getByText('Danh sách trong máy đã hết hạn')).toBeVisible();
	await other.context.close();
});
