import type { components } from './schema';

// schema.d.ts is generated from contract/openapi.json; here the pages' own words for what it holds.
type Schemas = components['schemas'];

export type Problem = Schemas['ProblemBody'];
export type About = Schemas['About'];
export type Loading = Schemas['Loading'];
export type Role = Schemas['Role'];
export type AccountStatus = Schemas['AccountStatus'];
export type Grant = Schemas['Grant'];
export type NewGrant = Schemas['NewGrant'];
export type Session = Schemas['Session'];
export type SessionRow = Schemas['SessionRow'];
export type SecondStep = Schemas['SecondStep'];
export type DemoAccount = Schemas['DemoRole'];
export type Account = Schemas['Account'];
export type BatchRow = Schemas['BadgeBatch'];
export type BatchCreated = Schemas['BatchCreated'];
export type TemporaryRow = Required<Schemas['TemporaryRow']>;
export type Device = Schemas['Device'];
export type DeviceCode = Schemas['DeviceCode'];
export type Token = Schemas['ApiToken'];
export type TokenCreated = Schemas['TokenCreated'];
export type UnitLevel = Schemas['UnitLevel'];
export type Unit = Schemas['Unit'];
export type UnitRef = Schemas['UnitRef'];
export type UnitDetail = Schemas['UnitInTree'];
export type Figures = Schemas['Figures'];
export type AgeSexBand = Schemas['AgeSex'];
export type PublicKey = Schemas['PublicKey'];
export type PersonRow = Schemas['PersonItem'];
export type Person = Schemas['Person'];
export type AuditEntry = Schemas['AuditEntry'];
export type Seal = Schemas['Seal'];
export type List<T> = { items: T[]; next?: string | null; total?: number | null };
