import type { Role, Session } from './api/types';

/** The door each role uses; everybody else works in the office. What awaits them there stands in rooms.ts: a citizen downloads only this. */
const DOORS: Partial<Record<Role, '/citizen' | '/sampling' | '/checkpoint' | '/board'>> = {
	citizen: '/citizen',
	household_head: '/citizen',
	organisation_manager: '/citizen',
	community_team: '/sampling',
	sampler: '/sampling',
	site_lead: '/sampling',
	courier: '/sampling',
	recall_team: '/sampling',
	checkpoint_officer: '/checkpoint',
	sector_viewer: '/board',
	leader: '/board'
};

/** Where to go after signing in: the first grant decides; nobody without a grant sees a staff page. */
export function homeOf(session: Session): string {
	const first = session.grants[0];
	if (first) return DOORS[first.role] ?? '/home';
	return session.account.kind === 'citizen' ? '/citizen' : '/home';
}

/** A path of this site only: what follows `?next=` must never lead elsewhere. */
export function safeNext(next: string | null): string | null {
	return next && /^\/(?![/\\])/.test(next) ? next : null;
}
