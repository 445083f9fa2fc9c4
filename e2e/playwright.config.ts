import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { defineConfig } from '@playwright/test';

// The journeys use the real binary with its own database and one district of the synthetic province, in real Chromium.
// E2E_URL points them at a server that already runs. Not GREENFORT_…: the server reads those as its settings.
const port = Number(process.env['E2E_PORT'] ?? 8187);
const bin = resolve(process.env['E2E_BIN'] ?? join(import.meta.dirname, '../target/debug/greenfort'));
const browsers = ['chromium', 'chromium-browser', 'google-chrome'].map((name) => `/usr/bin/${name}`);
const running = process.env['E2E_URL'];
// The first process of the run makes the folder; workers read the same configuration and must not make another.
const data = (process.env['E2E_DATA'] ??= mkdtempSync(join(tmpdir(), 'greenfort-e2e-')));

export default defineConfig({
	testDir: 'journeys',
	outputDir: 'test-results',
	globalSetup: './support/loaded.ts',
	fullyParallel: false,
	workers: 1,
	retries: 0,
	forbidOnly: true,
	// When everything fails for one reason, a minute for each journey says no more than a few of them.
	maxFailures: 8,
	timeout: 60_000,
	expect: { timeout: 10_000 },
	reporter: [['list']],
	// One server for all: those that compare the province with the census come before those that change the register.
	projects: [
		{ name: 'as loaded', testMatch: /(audit|axe|planner|shell|sign-in|units)\.spec\.ts/ },
		{ name: 'changing', testIgnore: /(audit|axe|planner|shell|sign-in|units)\.spec\.ts/ }
	],
	use: {
		// localhost, not 127.0.0.1: the session cookie and WebCrypto want the name the server calls itself by.
		baseURL: running ?? `http://localhost:${port}`,
		locale: 'vi-VN',
		timezoneId: 'Asia/Ho_Chi_Minh',
		viewport: { width: 1280, height: 800 },
		contextOptions: { reducedMotion: 'reduce' },
		trace: 'retain-on-failure',
		screenshot: 'only-on-failure',
		launchOptions: {
			executablePath: process.env['CHROMIUM'] ?? browsers.find((path) => existsSync(path)) ?? 'chromium',
			args: [
				'--headless',
				'--no-sandbox',
				'--disable-gpu',
				'--disable-quic',
				'--no-first-run',
				'--disable-background-networking',
				'--disable-component-update',
				'--disable-sync'
			]
		}
	},
	...(running
		? {}
		: {
				webServer: {
					command: `"${bin}" --data "${data}" demo --district 831 --port ${port}`,
					url: `http://127.0.0.1:${port}/api/v1/about`,
					timeout: 240_000,
					stdout: 'ignore' as const,
					stderr: 'pipe' as const,
					gracefulShutdown: { signal: 'SIGTERM' as const, timeout: 20_000 }
				}
			})
});
