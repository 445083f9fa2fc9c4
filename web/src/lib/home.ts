import type { Role, Session } from './api/types';

/** The door each role uses, and the one thing it does first. `action` null: that room is not built yet, and the page says so. */
export interface RoleHome {
	path: '/citizen' | '/sampling' | '/checkpoint' | '/home' | '/board';
	words:
		| 'citizen'
		| 'organisation'
		| 'sampling'
		| 'siteLead'
		| 'community'
		| 'courier'
		| 'laboratory'
		| 'recall'
		| 'checkpoint'
		| 'station'
		| 'figures'
		| 'administrator'
		| 'auditor';
	action: string | null;
}

export const HOMES: Record<Role, RoleHome> = {
	citizen: { path: '/citizen', words: 'citizen', action: null },
	household_head: { path: '/citizen', words: 'citizen', action: null },
	organisation_manager: { path: '/citizen', words: 'organisation', action: null },
	community_team: { path: '/sampling', words: 'community', action: '/people' },
	sampler: { path: '/sampling', words: 'sampling', action: null },
	site_lead: { path: '/sampling', words: 'siteLead', action: '/accounts/temporary' },
	courier: { path: '/sampling', words: 'courier', action: null },
	lab_technician: { path: '/home', words: 'laboratory', action: null },
	lab_lead: { path: '/home', words: 'laboratory', action: null },
	outside_lab: { path: '/home', words: 'laboratory', action: null },
	commune_station: { path: '/home', words: 'station', action: '/people' },
	recall_team: { path: '/sampling', words: 'recall', action: null },
	checkpoint_officer: { path: '/checkpoint', words: 'checkpoint', action: null },
	district_officer: { path: '/home', words: 'station', action: '/people' },
	province_officer: { path: '/home', words: 'figures', action: '/units' },
	sector_viewer: { path: '/board', words: 'figures', action: '/units' },
	leader: { path: '/board', words: 'figures', action: '/units' },
	administrator: { path: '/home', words: 'administrator', action: '/accounts' },
	auditor: { path: '/home', words: 'auditor', action: '/audit' }
};

/** Where to go after signing in: the first grant decides; nobody without a grant sees a staff page. */
export function homeOf(session: Session): string {
	const first = session.grants[0];
	if (first) return HOMES[first.role].path;
	return session.account.kind === 'citizen' ? '/citizen' : '/home';
}

/** A path of this site only: what follows `?next=` must never lead elsewhere. */
export function safeNext(next: string | null): string | null {
	return next && /^\/(?![/\\])/.test(next) ? next : null;
}
