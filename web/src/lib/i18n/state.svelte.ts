import { vi } from './vi';
import type { Catalogue } from './vi';
import type { StaffCatalogue } from './vi.staff';
import type { Lang } from '../format';

const COOKIE = 'greenfort_lang';

/** The chosen language: a cookie, so that the first answer of the server can follow it; else Vietnamese. */
function remembered(): Lang {
	return typeof document !== 'undefined' && /(?:^|; )greenfort_lang=en(?:;|$)/.test(document.cookie) ? 'en' : 'vi';
}

class I18n {
	lang = $state<Lang>('vi');
	core = $state.raw<Catalogue>(vi);
	/** Filled by `loadStaff` before a page of staff, or a rare one like the settings, shows: no first page fetches it. */
	staff = $state.raw<StaffCatalogue | null>(null);

	async start(): Promise<void> {
		await this.choose(remembered(), false);
	}

	/** English is fetched only when asked for: most readers never need it. */
	async choose(lang: Lang, remember = true): Promise<void> {
		const core = lang === 'en' ? (await import('./en')).en : vi;
		const staff = this.staff ? await staffWords(lang) : null;
		this.core = core;
		this.staff = staff;
		this.lang = lang;
		if (typeof document === 'undefined') return;
		document.documentElement.lang = lang;
		if (remember) document.cookie = `${COOKIE}=${lang}; path=/; max-age=31536000; samesite=lax`;
	}

	async loadStaff(): Promise<void> {
		this.staff = await staffWords(this.lang);
	}
}

async function staffWords(lang: Lang): Promise<StaffCatalogue> {
	return lang === 'en' ? (await import('./en.staff')).enStaff : (await import('./vi.staff')).viStaff;
}

export const i18n = new I18n();
