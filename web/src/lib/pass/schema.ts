// DCC schema 1.3.3 as a table of this project's own form. Source: ehn-dcc-development/eu-dcc-schema, Apache-2.0.
// The schema demands 1.3.3 of every certificate, whatever `ver` says; properties it does not name are allowed.
import type { Json } from './certlogic.ts';

type Form = (value: Json) => boolean;
type Fields = Record<string, readonly [required: boolean, form: Form]>;

const length = (t: string): number => Array.from(t).length;
const text: Form = (v) => typeof v === 'string';
const short: Form = (v) => typeof v === 'string' && length(v) <= 80;
const latin: Form = (v) => typeof v === 'string' && /^[A-Z<]{0,80}$/.test(v);
const country: Form = (v) => typeof v === 'string' && /[A-Z]/.test(v);
const count: Form = (v) => typeof v === 'number' && v >= 1 && Number.isInteger(v);

const NAME: Fields = { fn: [false, short], fnt: [false, latin], gn: [false, short], gnt: [false, latin] };
const GROUPS: Record<string, Fields> = {
	v: {
		tg: [true, text], vp: [true, text], mp: [true, text], ma: [true, text], dn: [true, count], sd: [true, count],
		dt: [true, text], co: [true, country], is: [true, short], ci: [true, short]
	},
	t: {
		tg: [true, text], tt: [true, text], nm: [false, short], ma: [false, text], sc: [true, text], tr: [true, text],
		tc: [false, short], co: [true, country], is: [true, short], ci: [true, short]
	},
	r: {
		tg: [true, text], fr: [true, text], co: [true, country], is: [true, short], df: [true, text], du: [true, text],
		ci: [true, short]
	}
};

export const isObject = (v: Json | undefined): v is { [key: string]: Json } => typeof v === 'object' && v !== null && !Array.isArray(v);

/** Where a certificate first breaks the schema, or `null`. */
export function schemaFault(certificate: Json): string | null {
	if (!isObject(certificate)) return 'an object';
	const { ver, nam, dob } = certificate;
	const groups = Object.keys(GROUPS).filter((key) => certificate[key] !== undefined);
	if (ver === undefined || nam === undefined || dob === undefined) return 'ver, nam and dob';
	if (groups.length !== 1) return 'exactly one of v, t and r';
	// The dots of the published pattern stand for any character.
	if (typeof ver !== 'string' || length(ver) > 40 || !/^[0-9]+[^][0-9]+[^][0-9]+$/u.test(ver)) return 'ver';
	if (typeof dob !== 'string' || !/^((19|20)[0-9]{2}(-[0-9]{2}){0,2})?$/.test(dob)) return 'dob';
	const name = fieldsFault(nam, 'nam', NAME);
	if (name) return name;
	if (isObject(nam) && nam.fnt === undefined && nam.gnt === undefined) return 'nam: fnt or gnt';
	const key = groups[0]!;
	const entries = certificate[key];
	if (!Array.isArray(entries) || entries.length !== 1) return `${key}: exactly one entry`;
	return fieldsFault(entries[0], `${key}.0`, GROUPS[key]!);
}

function fieldsFault(entry: Json | undefined, path: string, fields: Fields): string | null {
	if (!isObject(entry)) return path;
	for (const [name, [required, form]] of Object.entries(fields)) {
		const value = entry[name];
		if (value === undefined ? required : !form(value)) return `${path}.${name}`;
	}
	return null;
}
