import { enterAs, expect, serverNow, test } from '../support/app.ts';
import { totp } from '../support/totp.ts';

const PASSWORD = 'bốn nhánh sông ra biển';

test('an account is created, its invitation accepted, its sign-in confirmed by an app, and suspended', async ({ page, browser, baseURL }) => {
	const login = `dao.nth.${Math.floor(performance.timeOrigin)}`;
	await enterAs(page, /Quản trị hệ thống/);
	await page.goto('/accounts/new');
	await page.getByLabel('Họ và tên').fill('Nguyễn Thị Hồng Đào');
	await page.getByLabel('Tên đăng nhập').fill(login);
	await page.getByLabel('Vai trò', { exact: true }).selectOption({ label: 'Cán bộ y tế huyện' });
	await page.getByRole('button', { name: 'Tạo và lấy đường dẫn mời' }).click();
	await expect(page.getByRole('combobox', { name: 'Địa bàn' })).toHaveAccessibleDescription(/Chọn vai trò và nơi phụ trách/);
	await page.getByRole('combobox', { name: 'Địa bàn' }).fill('chau thanh');
	await page.getByRole('option', { name: /^Huyện Châu Thành/ }).click();
	await page.getByRole('button', { name: 'Tạo và lấy đường dẫn mời' }).click();
	const link = await page.getByLabel('Đường dẫn mời').inputValue();
	expect(new URL(link).pathname).toBe('/invitation');

	const other = await browser.newContext({ baseURL: baseURL ?? '' });
	const invited = await other.newPage();
	await invited.goto(link);
	await invited.getByLabel('Mật khẩu mới', { exact: true }).fill('ngắn');
	await invited.getByLabel('Nhập lại mật khẩu', { exact: true }).fill('khác');
	await invited.getByRole('button', { name: 'Đặt mật khẩu' }).click();
	await expect(invited.getByText('Hai lần nhập chưa giống nhau.')).toBeVisible();
	await invited.getByLabel('Mật khẩu mới', { exact: true }).fill(PASSWORD);
	await invited.getByLabel('Nhập lại mật khẩu', { exact: true }).fill(PASSWORD);
	await invited.getByRole('button', { name: 'Đặt mật khẩu' }).click();

	await expect(invited.getByRole('img', { name: /Mã QR/ })).toBeVisible();
	await invited.getByText('Không quét được?').click();
	const secret = (await invited.locator('details .secret').innerText()).trim();
	await invited.getByLabel('Mã 6 số').fill('12');
	await invited.getByRole('button', { name: 'Xác nhận' }).click();
	await expect(invited.getByLabel('Mã 6 số')).toHaveAccessibleDescription('Mã gồm đúng 6 chữ số.');
	await invited.getByLabel('Mã 6 số').fill(totp(secret, await serverNow(invited)));
	await invited.getByRole('button', { name: 'Xác nhận' }).click();
	await expect(invited).toHaveURL(/\/home$/);
	await expect(invited.getByRole('heading', { level: 1 })).toHaveText('Chào Nguyễn Thị Hồng Đào');
	await expect(invited.getByRole('link', { name: 'Tài khoản', exact: true })).toHaveCount(0);

	await page.goto(`/accounts?q=${login}`);
	await page.getByRole('link', { name: 'Nguyễn Thị Hồng Đào' }).click();
	await expect(page).toHaveURL(/accounts\/[0-9a-f-]{36}/);
	await expect(page.getByText('Đang dùng')).toBeVisible();
	await page.getByRole('button', { name: 'Tạm ngưng' }).click();
	const dialog = page.getByRole('alertdialog');
	await dialog.getByRole('button', { name: 'Tạm ngưng' }).click();
	await expect(dialog.getByLabel('Lý do')).toHaveAttribute('aria-invalid', 'true');
	await dialog.getByLabel('Lý do').fill('Chuyển công tác');
	await dialog.getByRole('button', { name: 'Tạm ngưng' }).click();
	await expect(page.getByText('Tài khoản đã tạm ngưng.')).toBeVisible();

	await invited.goto('/home');
	await expect(invited).toHaveURL(/sign-in/);
	await other.close();
});

test('a sheet with a bad row creates nobody until the row is mended, and the log shows it', async ({ page }) => {
	const label = `Tăng cường ${Math.floor(performance.timeOrigin)}`;
	await enterAs(page, /Quản trị hệ thống/);
	await page.goto('/accounts/temporary');
	await page.getByLabel('Chọn tệp CSV hoặc XLSX').setInputFiles({
		name: 'danh-sach.csv',
		mimeType: 'text/csv',
		buffer: Buffer.from('\ufeffHọ tên,Vai trò,Mã đơn vị,Điện thoại\r\nLê Thị Bé,sampler,831,\r\nTrần Văn Đực,sampler,99999,\r\n')
	});
	await expect(page.getByText('1 dòng cần sửa. Chưa tạo tài khoản nào.')).toBeVisible();
	const cell = page.getByLabel('Dòng 2, Mã');
	await expect(cell).toHaveValue('99999');
	await expect(cell).toHaveAttribute('aria-invalid', 'true');

	await cell.fill('831');
	await page.getByRole('button', { name: 'Kiểm tra lại' }).click();
	await expect(page.getByText('2 dòng trong bảng')).toBeVisible();
	await expect(page.getByText('2 × Nhân viên lấy mẫu')).toBeVisible();
	await page.getByLabel('Tên đợt').fill(label);
	await page.getByLabel('Hết hạn cuối ngày').fill('30/12/2030');
	await page.getByRole('button', { name: 'Tạo 2 tài khoản' }).click();
	await expect(page.getByText('Đã tạo 2 tài khoản.')).toBeVisible();
	const badges = page.getByRole('link', { name: /Tải thẻ để in/ }).first();
	const pdf = await page.request.get((await badges.getAttribute('href')) ?? '');
	expect(pdf.status()).toBe(200);
	expect((await pdf.body()).subarray(0, 5).toString()).toBe('%PDF-');
	await expect(page.getByRole('row', { name: new RegExp(label) })).toBeVisible();

	await page.goto('/audit');
	await expect(page.getByRole('table').getByText(/account/).first()).toBeVisible();
	await expect(page.getByRole('group', { name: 'Nhật ký' })).toContainText(/batch|temporary/);
});

test('a device is enrolled with a code and keeps its key inside', async ({ page }) => {
	await enterAs(page, /Quản trị hệ thống/);
	await page.goto('/devices');
	await page.getByLabel('Tên thiết bị').fill('Giao Long 03');
	await page.getByRole('combobox', { name: 'Nơi dùng' }).fill('giao long');
	await page.getByRole('option', { name: /^Xã Giao Long/ }).click();
	await page.getByRole('button', { name: 'Cấp mã đăng ký' }).click();
	const code = await page.getByLabel('Mã đăng ký').inputValue();

	await page.goto('/enrol');
	await page.getByLabel('Mã đăng ký thiết bị').fill(code);
	await page.getByRole('button', { name: 'Đăng ký máy này' }).click();
	await page.getByRole('link', { name: 'Đăng nhập bằng thẻ nhân viên' }).click();
	await expect(page.getByText('Thiết bị: Giao Long 03')).toBeVisible();
	const exported = await page.evaluate(async () => {
		const open = indexedDB.open('greenfort', 1);
		const db = await new Promise<IDBDatabase>((resolve) => (open.onsuccess = () => resolve(open.result)));
		const get = db.transaction('device').objectStore('device').get('this');
		const device = await new Promise<{ key: CryptoKey }>((resolve) => (get.onsuccess = () => resolve(get.result)));
		return crypto.subtle.exportKey('jwk', device.key).then(
			() => 'exported',
			() => 'refused'
		);
	});
	expect(exported).toBe('refused');
});
