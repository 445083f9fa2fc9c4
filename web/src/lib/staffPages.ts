import type { Role, Session } from './api/types';

const PEOPLE: Role[] = ['community_team', 'sampler', 'site_lead', 'commune_station', 'recall_team', 'district_officer', 'province_officer'];

const PLANNERS: Role[] = ['commune_station', 'district_officer', 'province_officer'];

const EDITORS: Role[] = ['community_team', 'commune_station', 'district_officer', 'province_officer'];

const LABORATORY: Role[] = ['lab_technician', 'lab_lead', 'site_lead', 'district_officer', 'province_officer', 'administrator'];

const CALLERS: Role[] = ['recall_team', 'community_team', 'site_lead', 'commune_station', 'district_officer', 'province_officer'];

/** Staff pages and who sees their link. The server decides on access; this only keeps dead ends out of the menu. */
export const STAFF_PAGES: { path: string; word: 'home' | 'units' | 'people' | 'households' | 'organisations' | 'groups' | 'vehicles' | 'restrictions' | 'duplicates' | 'requests' | 'accounts' | 'temporary' | 'devices' | 'tokens' | 'planner' | 'laboratory' | 'recalls' | 'closing' | 'audit'; roles: Role[] | 'staff' }[] = [
	{ path: '/units', word: 'units', roles: 'staff' },
	{ path: '/people', word: 'people', roles: PEOPLE },
	{ path: '/planner', word: 'planner', roles: PLANNERS },
	{ path: '/laboratory', word: 'laboratory', roles: LABORATORY },
	{ path: '/recalls', word: 'recalls', roles: CALLERS },
	{ path: '/closing', word: 'closing', roles: PLANNERS },
	{ path: '/households', word: 'households', roles: PEOPLE },
	{ path: '/organisations', word: 'organisations', roles: PEOPLE },
	{ path: '/groups', word: 'groups', roles: PEOPLE },
	{ path: '/vehicles', word: 'vehicles', roles: PEOPLE },
	{ path: '/restrictions', word: 'restrictions', roles: PEOPLE },
	{ path: '/duplicates', word: 'duplicates', roles: EDITORS },
	{ path: '/data-requests', word: 'requests', roles: EDITORS },
	{ path: '/accounts', word: 'accounts', roles: ['administrator'] },
	{ path: '/accounts/temporary', word: 'temporary', roles: ['administrator', 'site_lead'] },
	{ path: '/devices', word: 'devices', roles: ['administrator', 'site_lead'] },
	{ path: '/tokens', word: 'tokens', roles: ['administrator'] },
	{ path: '/audit', word: 'audit', roles: ['administrator', 'auditor'] }
];
const CITIZEN_ROLES: Role[] = ['citizen', 'household_head', 'organisation_manager'];

export const isStaff = (session: Session) =>
	session.account.kind !== 'citizen' && session.grants.some((g) => !CITIZEN_ROLES.includes(g.role));
