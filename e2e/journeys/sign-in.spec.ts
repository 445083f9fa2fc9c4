import { choose, enterAs, expect, test } from '../support/app.ts';

test('the bare address leads a stranger to the doors', async ({ page }) => {
	await page.goto('/');
	await expect(page).toHaveURL(/\/sign-in$/);
	await expect(page.getByRole('heading', { level: 1 })).toHaveText('Đăng nhập');
	await expect(page.getByRole('navigation', { name: 'Anh/chị vào bằng cách nào?' }).getByRole('link')).toHaveCount(5);
	await expect(page.getByRole('heading', { name: 'Cần giúp đỡ?' })).toBeVisible();
});

test('the administrator of the demonstration enters, works and leaves', async ({ page }) => {
	await enterAs(page, /Quản trị hệ thống/);
	await expect(page).toHaveURL(/\/home$/);
	await expect(page.getByRole('link', { name: 'Quản lý tài khoản' })).toBeVisible();
	await page.getByRole('button', { name: 'Đăng xuất' }).click();
	await expect(page).toHaveURL(/sign-in\?why=signed-out/);
	await page.goto('/accounts');
	await expect(page).toHaveURL(/sign-in\?next=%2Faccounts/);
});

test('a wish made before signing in is followed after it', async ({ page }) => {
	await page.goto('/units?on=2021-09-10');
	await expect(page).toHaveURL(/sign-in\?next=/);
	await page.getByRole('link', { name: 'Vào thử với một vai' }).click();
	await page.getByRole('main').getByRole('button', { name: /Quản trị hệ thống/ }).click();
	await expect(page).toHaveURL(/\/units\?on=2021-09-10/);
});

test('the language changes in place, is kept, and reaches the server', async ({ page }) => {
	await page.goto('/sign-in/office');
	await page.getByLabel('Tên đăng nhập').fill('nobody.here');
	await page.getByRole('button', { name: 'English' }).click();
	await expect(page.getByRole('heading', { level: 1 })).toHaveText('Office staff');
	await expect(page.getByLabel('User name')).toHaveValue('nobody.here');
	await expect(page.locator('html')).toHaveAttribute('lang', 'en');

	await page.getByLabel('Password', { exact: true }).fill('not the password');
	const asked = page.waitForRequest('**/api/v1/session/password');
	await page.getByRole('button', { name: 'Sign in' }).click();
	expect((await asked).headers()['accept-language']).toBe('en');
	await expect(page.getByRole('alert')).not.toContainText(/[ăâđêôơư]/);
	await expect(page.getByLabel('User name')).toHaveValue('nobody.here');

	await page.reload();
	await expect(page.getByRole('heading', { level: 1 })).toHaveText('Office staff');
	await choose(page, 'vi');
	await expect(page.getByRole('heading', { level: 1 })).toHaveText('Cán bộ văn phòng');
});

test('a slip is told beside its field before anything is sent', async ({ page }) => {
	await page.goto('/sign-in/card');
	let asked = 0;
	page.on('request', (request) => (asked += Number(request.url().includes('/session/card'))));
	await page.getByLabel('Mã trên thẻ').fill('ABCD');
	await page.getByLabel('Năm sinh').fill('53');
	await page.getByRole('button', { name: 'Đăng nhập' }).click();
	await expect(page.getByLabel('Mã trên thẻ')).toBeFocused();
	await expect(page.getByLabel('Mã trên thẻ')).toHaveAccessibleDescription(/dài hơn vậy/);
	await expect(page.getByLabel('Năm sinh')).toHaveAttribute('aria-invalid', 'true');
	expect(asked).toBe(0);
});

test('large type and the sunlight screen are kept on the device', async ({ page }) => {
	await page.goto('/settings');
	const before = await page.getByRole('heading', { level: 1 }).evaluate((h) => parseFloat(getComputedStyle(h).fontSize));
	await page.getByText('Chữ lớn').click();
	await page.getByText('Ngoài nắng').click();
	await page.reload();
	const after = await page.getByRole('heading', { level: 1 }).evaluate((h) => parseFloat(getComputedStyle(h).fontSize));
	expect(after / before).toBeCloseTo(1.25, 2);
	await expect(page.locator('html')).toHaveAttribute('data-theme', 'sunlight');
});

test('an unknown address says so and leads home', async ({ page }) => {
	await page.goto('/khong-co-trang-nay');
	await expect(page.getByRole('heading', { level: 1 })).toHaveText('Không có trang này');
	await expect(page.getByRole('link', { name: 'Về trang chính' })).toBeVisible();
});
