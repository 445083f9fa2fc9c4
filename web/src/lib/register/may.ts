import { session } from '#lib/session.svelte.ts';

/** Who is shown the keys that change the register. The server decides by itself. */
export const mayEditRegister = (): boolean => session.has('community_team', 'commune_station', 'district_officer', 'province_officer');
