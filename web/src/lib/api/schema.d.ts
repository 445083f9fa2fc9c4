// Typed by hand after the API contract in the shape openapi-typescript writes, so that `npm run api`
// (from contract/openapi.json) can replace this file and the compiler shows every difference.

type Json<T> = { content: { 'application/json': T } };
type Problems = { default: { content: { 'application/problem+json': components['schemas']['Problem'] } } };
type Query<Q> = { query?: Q; header?: Record<string, string>; path?: never; cookie?: never };
type Path<P, Q = never> = { query?: Q; header?: Record<string, string>; path: P; cookie?: never };
type Get<P, R> = { parameters: P; requestBody?: never; responses: { 200: Json<R> } & Problems };
type Send<P, B, R> = {
	parameters: P;
	requestBody: { content: { 'application/json': B } };
	responses: { 200: Json<R> } & Problems;
};
type Act<P, R> = { parameters: P; requestBody?: never; responses: { 200: Json<R> } & Problems };
type None = { query?: never; header?: Record<string, string>; path?: never; cookie?: never };
type Keyset = { after?: string; limit?: number };
type List<T> = { items: T[]; next: string | null; total: number | null };
type S = components['schemas'];

export interface components {
	schemas: {
		Problem: {
			type: string;
			title: string;
			status: number;
			detail?: string;
			errors?: { field: string; code: string; message: string }[];
			retry_after_s?: number;
		};
		Loading: { step: string; done: number; total: number };
		About: {
			product: string;
			version: string;
			commit?: string;
			demo: boolean;
			hotline: string;
			languages: string[];
			/** The server's clock: a demonstration stands in September 2021. */
			now?: string;
			loading: components['schemas']['Loading'] | null;
		};
		Role:
			| 'citizen'
			| 'household_head'
			| 'organisation_manager'
			| 'community_team'
			| 'sampler'
			| 'site_lead'
			| 'courier'
			| 'lab_technician'
			| 'lab_lead'
			| 'outside_lab'
			| 'commune_station'
			| 'recall_team'
			| 'checkpoint_officer'
			| 'district_officer'
			| 'province_officer'
			| 'sector_viewer'
			| 'leader'
			| 'administrator'
			| 'auditor';
		AccountKind: 'office' | 'field' | 'citizen';
		AccountStatus: 'invited' | 'active' | 'suspended' | 'ended';
		UnitLevel: 'province' | 'district' | 'commune' | 'hamlet';
		UnitRef: { id: number; code: string; name: string; level: S['UnitLevel'] };
		Grant: { role: S['Role']; unit: S['UnitRef'] | null; until: string | null };
		NewGrant: { role: S['Role']; unit_id: number; until?: string };
		Session: {
			account: { id: string; name: string; kind: S['AccountKind'] };
			grants: S['Grant'][];
			language: string;
			signed_in_at: string;
			expires_at: string;
			persons: { id: string; initials: string }[];
		};
		PasswordStep:
			| { state: 'totp_needed'; challenge: string }
			| { state: 'totp_enrol'; challenge: string; otpauth_uri: string; secret: string };
		TotpEnrol: { state: 'totp_enrol'; challenge: string; otpauth_uri: string; secret: string };
		DeviceChallenge: { nonce: string; expires_at: string };
		OtpSent: { resend_after_s: number };
		DemoAccount: { role: S['Role']; account_name: string; unit_name: string | null };
		Account: {
			id: string;
			login: string | null;
			name: string;
			kind: S['AccountKind'];
			status: S['AccountStatus'];
			grants: S['Grant'][];
			last_seen_at: string | null;
			ends_at: string | null;
		};
		NewAccount: { login: string; name: string; kind: S['AccountKind']; grants: S['NewGrant'][] };
		Invitation: { invitation_url: string; invitation_expires_at: string };
		AccountInvited: { account: S['Account']; invitation_url: string; invitation_expires_at: string };
		Batch: { id: string; label: string; ends_at: string; created: number };
		BatchRow: {
			id: string;
			label: string;
			ends_at: string;
			created: number;
			created_at?: string;
			printed_at?: string | null;
			badges_available?: boolean;
		};
		BatchCreated: { batch: S['Batch']; badges_url: string };
		TemporaryRow: { name: string; role: string; unit_code: string; phone?: string };
		Device: {
			id: string;
			label: string;
			unit: S['UnitRef'] | null;
			enrolled_at: string | null;
			last_seen_at: string | null;
			status: string;
		};
		DeviceCode: { code: string; expires_at: string };
		EnrolledDevice: { device: S['Device'] };
		Token: {
			id: string;
			label: string;
			scopes: string[];
			unit: S['UnitRef'] | null;
			until: string | null;
			created_at?: string;
			last_used_at?: string | null;
		};
		NewToken: { label: string; scopes: string[]; unit_id: number; until: string };
		TokenCreated: S['Token'] & { token: string };
		Unit: {
			id: number;
			code: string;
			name: string;
			kind: string;
			level: S['UnitLevel'];
			parent_id: number | null;
			valid_from: string;
			valid_to: string | null;
			lon: number | null;
			lat: number | null;
			area_km2: number | null;
			child_count: number;
		};
		UnitDetail: S['Unit'] & {
			path: { id: number; name: string; level: S['UnitLevel'] }[];
			successors: { id: number; name: string }[];
		};
		AgeSexBand: { band: string; male: number; female: number };
		HouseholdSize: { size: number; households: number };
		ChildFigures: {
			unit: S['UnitRef'];
			kind: string;
			persons: number;
			households: number;
		};
		Figures: {
			unit: S['UnitRef'];
			on: string;
			persons: number;
			households: number;
			organisations: number;
			groups: number;
			vehicles: number;
			census: { persons: number; households: number; source: string } | null;
			age_sex: S['AgeSexBand'][];
			household_sizes: S['HouseholdSize'][];
			children: S['ChildFigures'][];
		};
		PersonRow: {
			id: string;
			name: string;
			birth_year: number;
			sex: string;
			unit: { id: number; name: string };
			household_id: string | null;
		};
		Person: S['PersonRow'] & {
			id_masked: string | null;
			phone_masked: string | null;
			address: string | null;
			household: {
				id: string;
				members: { id: string; name: string; birth_year: number; sex: string }[];
			} | null;
		};
		AuditEntry: {
			id: string;
			at: string;
			actor: { id: string; name: string } | null;
			action: string;
			object_kind: string | null;
			object_id: string | null;
			unit: { id: number; name: string } | null;
			detail: unknown;
		};
		Seal: {
			seq: number;
			first_at: string;
			last_at: string;
			rows: number;
			root: string;
			chain: string;
			signed: boolean;
			verified: boolean;
		};
	};
}

export interface paths {
	'/api/v1/about': { get: Get<None, S['About']> };
	'/api/v1/session': { get: Get<None, S['Session']>; delete: Act<None, undefined> };
	'/api/v1/session/password': { post: Send<None, { login: string; password: string }, S['PasswordStep']> };
	'/api/v1/session/totp': { post: Send<None, { challenge: string; code: string }, S['Session']> };
	'/api/v1/session/device-challenge': { get: Get<Query<{ device: string }>, S['DeviceChallenge']> };
	'/api/v1/session/badge': {
		post: Send<None, { device: string; nonce: string; signature: string; badge: string; pin: string }, S['Session']>;
	};
	'/api/v1/session/otp': { post: Send<None, { phone: string }, S['OtpSent']> };
	'/api/v1/session/otp/verify': { post: Send<None, { phone: string; code: string }, S['Session']> };
	'/api/v1/session/card': { post: Send<None, { card: string; birth_year: number }, S['Session']> };
	'/api/v1/session/demo': {
		get: Get<None, { items: S['DemoAccount'][] }>;
		post: Send<None, { role: S['Role'] }, S['Session']>;
	};
	'/api/v1/first-run': {
		post: Send<None, { token: string; login: string; name: string; password: string }, S['TotpEnrol']>;
	};
	'/api/v1/invitations/accept': { post: Send<None, { token: string; password: string }, S['TotpEnrol']> };
	'/api/v1/accounts': {
		get: Get<
			Query<{ q?: string; role?: S['Role']; unit?: number; status?: S['AccountStatus'] } & Keyset>,
			List<S['Account']>
		>;
		post: Send<None, S['NewAccount'], S['AccountInvited']>;
	};
	'/api/v1/accounts/{id}': {
		get: Get<Path<{ id: string }>, S['Account']>;
		patch: Send<Path<{ id: string }>, { name?: string; grants?: S['NewGrant'][] }, S['Account']>;
	};
	'/api/v1/accounts/{id}/suspend': { post: Send<Path<{ id: string }>, { reason: string }, S['Account']> };
	'/api/v1/accounts/{id}/resume': { post: Act<Path<{ id: string }>, S['Account']> };
	'/api/v1/accounts/{id}/reset': { post: Act<Path<{ id: string }>, S['Invitation']> };
	'/api/v1/accounts/temporary': {
		post: {
			parameters: None;
			requestBody: {
				content: {
					'application/json': { label: string; ends_at: string; rows: S['TemporaryRow'][] };
					'multipart/form-data': { file: string; label: string; ends_at: string };
				};
			};
			responses: { 201: Json<S['BatchCreated']> } & Problems;
		};
	};
	'/api/v1/accounts/batches': { get: Get<Query<Keyset>, List<S['BatchRow']>> };
	'/api/v1/devices': { get: Get<Query<Keyset>, List<S['Device']>> };
	'/api/v1/devices/codes': { post: Send<None, { label: string; unit_id: number }, S['DeviceCode']> };
	'/api/v1/devices/{id}/revoke': { post: Act<Path<{ id: string }>, S['Device']> };
	'/api/v1/devices/enrol': { post: Send<None, { code: string; public_key: JsonWebKey }, S['EnrolledDevice']> };
	'/api/v1/tokens': {
		get: Get<Query<Keyset>, List<S['Token']>>;
		post: Send<None, S['NewToken'], S['TokenCreated']>;
	};
	'/api/v1/tokens/{id}': { delete: Act<Path<{ id: string }>, undefined> };
	'/api/v1/units': {
		get: Get<Query<{ on?: string; parent?: number; level?: S['UnitLevel']; q?: string } & Keyset>, List<S['Unit']>>;
	};
	'/api/v1/units/{id}': { get: Get<Path<{ id: number }, { on?: string }>, S['UnitDetail']> };
	'/api/v1/units/{id}/figures': { get: Get<Path<{ id: number }, { on?: string }>, S['Figures']> };
	'/api/v1/people': { get: Get<Query<{ unit?: number; q?: string } & Keyset>, List<S['PersonRow']>> };
	'/api/v1/people/{id}': { get: Get<Path<{ id: string }>, S['Person']> };
	'/api/v1/audit': {
		get: Get<
			Query<{ actor?: string; action?: string; object?: string; from?: string; to?: string } & Keyset>,
			List<S['AuditEntry']>
		>;
	};
	'/api/v1/audit/seals': { get: Get<Query<Keyset>, List<S['Seal']>> };
}
