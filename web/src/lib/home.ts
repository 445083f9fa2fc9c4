import type { Role, Session } from './api/types';

/** The door each role uses, and the one thing it does first. Without `action` that room is not built yet, and the page says so. */
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
	action?: string;
}

const home = (path: RoleHome['path'], words: RoleHome['words'], action?: string): RoleHome => ({ path, words, action });

export const HOMES: Record<Role, RoleHome> = {
	citizen: home('/citizen', 'citizen'),
	household_head: home('/citizen', 'citizen'),
	organisation_manager: home('/citizen', 'organisation'),
	community_team: home('/sampling', 'community', '/people'),
	sampler: home('/sampling', 'sampling', '/sampling/shift'),
	site_lead: home('/sampling', 'siteLead', '/accounts/temporary'),
	courier: home('/sampling', 'courier'),
	lab_technician: home('/home', 'laboratory', '/laboratory'),
	lab_lead: home('/home', 'laboratory', '/laboratory'),
	outside_lab: home('/home', 'laboratory'),
	commune_station: home('/home', 'station', '/people'),
	recall_team: home('/sampling', 'recall', '/recalls'),
	checkpoint_officer: home('/checkpoint', 'checkpoint'),
	district_officer: home('/home', 'station', '/people'),
	province_officer: home('/home', 'figures', '/units'),
	sector_viewer: home('/board', 'figures', '/units'),
	leader: home('/board', 'figures', '/units'),
	administrator: home('/home', 'administrator', '/accounts'),
	auditor: home('/home', 'auditor', '/audit')
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
