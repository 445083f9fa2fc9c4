import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import config from '../playwright.config.ts';
import { enterAs, expect, test } from '../support/app.ts';
import { filmOf } from '../support/camera.ts';
import { canReadPaper, readPaper } from '../support/paper.ts';

// The camera's film is made once the badge is printed: the browser opens the file with the camera, not before.
const film = join(mkdtempSync(join(tmpdir(), 'greenfort-e2e-badge-')), 'badge');
const launch = config.use?.launchOptions ?? {};
test.use({
	permissions: ['camera'],
	launchOptions: {
		...launch,
		args: [...(launch.args ?? []), '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream', `--use-file-for-fake-video-capture=${film}.y4m`]
	}
});
const headers = { 'x-greenfort': '1' };

test('a badge before the camera of an enrolled phone, and the PIN, begin a shift', async ({ page }) => {
	test.skip(!canReadPaper(), 'skipped: pdftoppm or zbarimg is missing');
	await enterAs(page, /Quản trị hệ thống/);
	const rows = [{ name: 'Phạm Văn Lành', role: 'sampler', unit_code: '28813' }];
	const sheet = { label: 'Ca chiều', ends_at: '2021-09-30T16:59:59Z', rows };
	const made = await page.request.post('/api/v1/accounts/temporary', { headers, data: sheet });
	expect(made.status(), await made.text()).toBe(201);
	const { badges_url: url } = (await made.json()) as { badges_url: string };
	const badge = readPaper(await (await page.request.get(url)).body());
	const pin = /PIN (\d{6})/.exec(badge.text)?.[1] ?? '';
	filmOf(badge.codes[0] ?? '', film);

	await page.goto('/devices');
	await page.getByLabel('Tên thiết bị').fill('Giao Long 12');
	await page.getByRole('combobox', { name: 'Nơi dùng' }).fill('giao long');
	await page.getByRole('option', { name: /^Xã Giao Long/ }).click();
	await page.getByRole('button', { name: 'Cấp mã đăng ký' }).click();
	const code = await page.getByLabel('Mã đăng ký').inputValue();
	await page.context().clearCookies();
	await page.goto('/enrol');
	await page.getByLabel('Mã đăng ký thiết bị').fill(code);
	await page.getByRole('button', { name: 'Đăng ký máy này' }).click();
	await page.getByRole('link', { name: 'Đăng nhập bằng thẻ nhân viên' }).click();

	await page.getByRole('button', { name: 'Mở máy ảnh' }).click();
	await expect(page.getByLabel('Mã PIN', { exact: true })).toBeFocused();
	await expect(page.getByLabel('Mã trên thẻ nhân viên')).not.toHaveValue('');
	await expect(page.getByLabel('Hình từ máy ảnh'), 'the camera is off again').toHaveCount(0);
	await page.keyboard.type(pin);
	await page.keyboard.press('Enter');
	await expect(page).toHaveURL(/\/sampling$/);
	await expect(page.getByRole('heading', { level: 1 })).toHaveText('Chào Phạm Văn Lành');
});
