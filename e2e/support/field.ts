import { request, type APIRequestContext, type Browser, type BrowserContext, type Page } from '@playwright/test';
import { expect } from './app.ts';

/** Speaks to the server as one role of the demonstration, without a page. */
export async function as(base: string, role: string): Promise<APIRequestContext> {
	const api = await request.newContext({ baseURL: base, extraHTTPHeaders: { 'x-greenfort': '1', 'accept-language': 'en' } });
	expect((await api.post('/api/v1/session/demo', { data: { role } })).status(), role).toBeLessThan(300);
	return api;
}

export async function ask<T>(api: APIRequestContext, method: 'get' | 'post', path: string, data?: unknown): Promise<T> {
	const answer = await api[method](`/api/v1${path}`, data === undefined ? {} : { data });
	if (!answer.ok()) throw new Error(`${method} ${path}: ${answer.status()} ${await answer.text()}`);
	return (await answer.json()) as T;
}

export const PCR = '00000000-0000-7000-8000-000000000001';
export const RAPID = '00000000-0000-7000-8000-000000000002';

export interface Subject {
	person_id: string;
	household_id: string | null;
	name: string;
	birth_year: number;
	expected: string;
	choice: number;
	reach: string | null;
	reason: string | null;
	specimen_id: string | null;
	address: string;
}
export interface Field {
	round: string;
	commune: number;
	/** Hamlets of the sampler's commune in the order of the round. */
	hamlets: { unit_id: number; unit_name: string; hamlet_order: number }[];
	labels: string[];
	office: APIRequestContext;
	sampler: APIRequestContext;
	lead: APIRequestContext;
}

interface Who {
	grants: { role: string; over: { id?: number } }[];
}

/** An open round, planned for the sampler's commune, and new labels. One server for all: an open round is used again. */
export async function openField(base: string): Promise<Field> {
	const [office, sampler, lead] = await Promise.all([as(base, 'province_officer'), as(base, 'sampler'), as(base, 'administrator')]);
	const unit = async (api: APIRequestContext) => (await ask<Who>(api, 'get', '/session')).grants[0]?.over.id ?? 0;
	const [province, commune] = await Promise.all([unit(office), unit(sampler)]);
	const work = await ask<{ now: string; rounds: { round: { id: string; campaign_id: string | null }; hamlets: Field['hamlets'] }[] }>(sampler, 'get', '/sampling/work');
	let round = work.rounds.find((r) => r.round.campaign_id)?.round.id;
	if (!round) {
		// Twelve hours ago, so that the window has crossed a midnight.
		const campaign = await ask<{ id: string }>(office, 'post', '/campaigns', { unit_id: province, name: 'Tháng 9', purpose: 'Tìm người nhiễm' });
		const starts_at = new Date(Date.parse(work.now) - 12 * 3_600_000).toISOString();
		round = (await ask<{ id: string }>(office, 'post', '/rounds', { campaign_id: campaign.id, starts_at })).id;
	}
	await plan({ office } as Field, round, commune, {});
	const again = await ask<typeof work>(sampler, 'get', '/sampling/work');
	const { items: labels } = await ask<{ items: string[] }>(sampler, 'post', '/labels', { count: 400 });
	const hamlets = again.rounds.find((r) => r.round.id === round)?.hamlets ?? [];
	return { round, commune, hamlets, labels, office, sampler, lead };
}

export async function plan(field: Pick<Field, 'office'>, round: string, unit: number, change: Record<string, unknown>): Promise<void> {
	await ask(field.office, 'post', `/rounds/${round}/plan`, { unit_id: unit, whom: 'household_representatives', assay_id: PCR, pool_size: 10, pooling: 'media', ...change });
}

export async function subjects(field: Field, unit: number): Promise<Subject[]> {
	return (await ask<{ items: Subject[] }>(field.sampler, 'get', `/rounds/${field.round}/subjects?unit=${unit}`)).items;
}

/** A phone of its own: enrolled with a code of the administrator, signed in as the sampler. */
export async function newPhone(browser: Browser, field: Field, label: string, options: Parameters<Browser['newContext']>[0] = {}): Promise<{ context: BrowserContext; page: Page }> {
	const { code } = await ask<{ code: string }>(field.lead, 'post', '/devices/codes', { label, unit_id: field.commune });
	const context = await browser.newContext({ viewport: { width: 360, height: 740 }, ...options });
	const page = await context.newPage();
	await page.goto('/enrol');
	await page.getByLabel('Mã đăng ký thiết bị').fill(code);
	await page.getByRole('button', { name: 'Đăng ký máy này' }).click();
	await expect(page.getByRole('link', { name: /Đăng nhập bằng thẻ/ })).toBeVisible();
	await page.goto('/sign-in/demo');
	await page.getByRole('main').getByRole('button', { name: /Nhân viên lấy mẫu/ }).first().click();
	await expect(page).not.toHaveURL(/sign-in/);
	return { context, page };
}

export const PIN = '493817';

/** Opens a shift over these hamlets. */
export async function startShift(page: Page, hamlets: string[]): Promise<void> {
	await page.goto('/sampling/shift');
	for (const name of hamlets) await page.getByRole('checkbox', { name, exact: true }).check();
	await page.getByRole('textbox', { name: 'Đặt mã PIN cho ca này' }).fill(PIN);
	await page.getByRole('button', { name: 'Tải danh sách và bắt đầu' }).click();
	await expect(page.getByLabel('Quét nhãn ống mẫu')).toBeVisible();
}

/** What a scanner does: types a line and Enter. */
export async function scan(page: Page, text: string): Promise<void> {
	const field = page.getByLabel(/^(Quét nhãn ống mẫu|Quét thẻ hoặc gõ tên)$/);
	await field.fill(text);
	await field.press('Enter');
}
