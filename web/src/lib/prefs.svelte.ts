// How the page looks on this device. Kept here, never sent.

export type Theme = 'system' | 'light' | 'dark' | 'sunlight';
export type TypeSize = 'normal' | 'large';

const THEMES: readonly Theme[] = ['system', 'light', 'dark', 'sunlight'];
const KEY = { theme: 'greenfort.theme', type: 'greenfort.type' } as const;

function read(key: string): string | null {
	try {
		return localStorage.getItem(key);
	} catch {
		return null; // storage can be switched off; the page then follows the device
	}
}
function write(key: string, value: string): void {
	try {
		localStorage.setItem(key, value);
	} catch {
		// as above: the choice lasts as long as the page
	}
}

class Preferences {
	theme = $state<Theme>('system');
	type = $state<TypeSize>('normal');

	start(): void {
		const theme = read(KEY.theme);
		this.theme = THEMES.find((t) => t === theme) ?? 'system';
		this.type = read(KEY.type) === 'large' ? 'large' : 'normal';
		this.#show();
	}
	setTheme(theme: Theme): void {
		this.theme = theme;
		write(KEY.theme, theme);
		this.#show();
	}
	setType(type: TypeSize): void {
		this.type = type;
		write(KEY.type, type);
		this.#show();
	}
	#show(): void {
		const root = document.documentElement.dataset;
		if (this.theme === 'system') delete root['theme'];
		else root['theme'] = this.theme;
		if (this.type === 'large') root['type'] = 'large';
		else delete root['type'];
	}
}

export const prefs = new Preferences();
