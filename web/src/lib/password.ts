import { s } from './i18n/staff';

const SHORTEST = 12;

export function passwordErrors(password: string, repeat: string): { password: string | undefined; repeat: string | undefined } {
	return {
		password: [...password].length >= SHORTEST ? undefined : s().password.short,
		repeat: password === repeat ? undefined : s().password.differs
	};
}

/** The one-time token of a link: in the fragment, which never reaches a log, or in `?token=`. */
export function linkToken(url: { search: string; hash: string }): string {
	return new URLSearchParams(url.search).get('token') ?? url.hash.replace(/^#(?:token=)?/, '');
}
