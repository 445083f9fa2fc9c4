import type { Role, Session } from './api/types';

/** What a role does first. Without `action` that room is not built yet, and the page says so. */
export interface Room {
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

const room = (words: Room['words'], action?: string): Room => ({ words, ...(action ? { action } : {}) });

export const ROOMS: Record<Role, Room> = {
	citizen: room('citizen'),
	household_head: room('citizen'),
	organisation_manager: room('organisation'),
	community_team: room('community', '/people'),
	sampler: room('sampling', '/sampling/shift'),
	site_lead: room('siteLead', '/accounts/temporary'),
	courier: room('courier'),
	lab_technician: room('laboratory', '/laboratory'),
	lab_lead: room('laboratory', '/laboratory'),
	outside_lab: room('laboratory'),
	commune_station: room('station', '/people'),
	recall_team: room('recall', '/recalls'),
	checkpoint_officer: room('checkpoint'),
	district_officer: room('station', '/people'),
	province_officer: room('figures', '/units'),
	sector_viewer: room('figures', '/units'),
	leader: room('figures', '/units'),
	administrator: room('administrator', '/accounts'),
	auditor: room('auditor', '/audit')
};

/** The first grant decides. */
export const roomOf = (session: Session | null | undefined): Room => ROOMS[session?.grants[0]?.role ?? 'citizen'];
