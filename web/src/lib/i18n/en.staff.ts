import { enAccess } from './en.access';
import { enSignIn } from './en.signIn';
import { enSheets } from './en.sheets';
import { number } from '../format';
import { enOrganisations } from './en.organisations';
import { enLab } from './en.lab';
import { enPlanner } from './en.planner';
import { enRegister } from './en.register';
import { enSampling } from './en.sampling';
import type { StaffCatalogue } from './vi.staff';

const n = (value: number) => number(value, 'en');
/** `1 row`, `2 rows`. */
const many = (count: number, one: string, more: string) => `${n(count)} ${count === 1 ? one : more}`;

export const enStaff = {
	...enAccess,
	...enSignIn,
	homes: {
		sampling: {
			lead: 'Download the list of your hamlet, then sample a whole shift without a network.',
			action: 'Start sampling'
		},
		siteLead: {
			lead: 'Prepare people and devices for the site: make temporary accounts from a list, print badges, enrol devices.',
			action: 'Make temporary accounts'
		},
		community: {
			lead: 'Check the list of residents of your hamlet.',
			action: 'Open the list of residents'
		},
		courier: { lead: 'No consignment has been given to you.' },
		laboratory: { lead: 'Receive, pool, run, read and release: the board of the day, oldest first.', action: 'Open the laboratory' },
		recall: { lead: 'People to be called and swabbed again, hamlet by hamlet in walking order.', action: 'Open the list' },
		checkpoint: { lead: 'No pass has been issued yet, so there is nothing to scan.' },
		station: {
			lead: 'The residents of your area and their figures.',
			action: 'Find a resident'
		},
		figures: {
			lead: 'People, households and organisations of the area, beside the census.',
			action: 'See the figures of the area'
		},
		administrator: {
			lead: 'Create accounts, give roles and areas, print badges for temporary staff, enrol devices.',
			action: 'Manage accounts'
		},
		auditor: {
			lead: 'Every read and every change is recorded and sealed in batches.',
			action: 'Open the audit log'
		}
	},
	settings: {
		title: 'Settings',
		lead: 'Kept on this device.',
		language: 'Language',
		type: 'Size of type',
		typeNormal: 'Normal',
		typeLarge: 'Large',
		theme: 'Screen',
		themeSystem: 'As the device',
		themeLight: 'Light',
		themeDark: 'Dark',
		themeSunlight: 'Sunlight',
		themeSunlightHint: 'Black on white, thick lines',
		sample: 'Text on the page will look like this: 1,094,544 people, 10/09/2021 18:00.'
	},
	sheets: enSheets,
	nav: {
		label: 'Staff pages',
		home: 'Home',
		units: 'Areas and figures',
		people: 'Residents',
		households: 'Households',
		organisations: 'Organisations',
		groups: 'Resident groups',
		vehicles: 'Vehicles',
		restrictions: 'Restrictions',
		duplicates: 'Duplicates',
		requests: 'Data requests',
		accounts: 'Accounts',
		temporary: 'Temporary accounts',
		devices: 'Devices',
		tokens: 'API tokens',
		planner: 'Pool sizes',
		laboratory: 'Laboratory',
		recalls: 'To be swabbed again',
		closing: 'Close a round',
		audit: 'Audit log',
		seals: 'Audit seals'
	},
	list: {
		datePlaceholder: 'dd/mm/yyyy',
		dateBad: 'Type a day as dd/mm/yyyy, for example 10/09/2021.',
		count: (count) => many(count, 'row', 'rows'),
		shown: (shown, total) => `Showing ${n(shown)} of ${n(total)}`,
		shownOpen: (shown) => `Showing ${n(shown)}, there are more`,
		more: 'Load more',
		search: 'Search',
		searchHint: 'Diacritics are not needed',
		clear: 'Clear filters',
		all: 'All',
		none: 'No row matches',
		noneLead: 'Try a shorter word, or take away a filter.',
		exportCsv: 'Download CSV',
		exportNote: 'Downloads exactly what is on the screen.',
		actions: 'Actions',
		undo: 'Undo'
	},
	levels: { province: 'Province', district: 'District', commune: 'Commune', hamlet: 'Hamlet' },
	kinds: {
		tinh: 'Province',
		huyen: 'District',
		'thanh-pho': 'City',
		'thi-xa': 'Town',
		xa: 'Commune',
		phuong: 'Ward',
		'thi-tran': 'Township',
		ap: 'Hamlet',
		'khu-pho': 'Quarter'
	},
	units: {
		title: 'Areas and figures',
		lead: 'The tree of administrative units on a day. Open a row to see the units below it.',
		tree: 'Tree of administrative units',
		keys: 'Arrow keys move, → opens, ← closes, Enter shows the figures.',
		era: 'Administrative tree',
		era2021: 'Year 2021',
		era2021Hint: 'province – district – commune – hamlet',
		era2025: 'Since 01/07/2025',
		era2025Hint: 'districts abolished',
		on: 'Day',
		name: 'Unit',
		code: 'Code',
		kind: 'Kind',
		persons: 'People',
		households: 'Households',
		perHousehold: 'People per household',
		area: 'Area',
		km2: (value) => `${number(value, 'en', 1)} km²`,
		children: 'Units below',
		childCount: (count) => `${many(count, 'unit', 'units')} below`,
		expand: (name) => `Open ${name}`,
		collapse: (name) => `Close ${name}`,
		noUnits: 'No unit exists on this day',
		noUnitsLead: 'Choose another day. The tree of 2021 and the tree since 01/07/2025 are loaded.',
		ended: (date) => `This unit ended on ${date}.`,
		successors: 'It is now:',
		valid: (from, to) => (to ? `From ${from} to ${to}` : `Since ${from}`),
		open: (name) => `See the figures of ${name}`,
		figures: 'Figures',
		organisations: 'Organisations',
		groups: 'Resident groups',
		vehicles: 'Vehicles',
		census: 'Beside the census',
		censusSource: (source) => `Source: ${source}`,
		noCensus: 'The census has no separate figure for this unit.',
		register: 'In the register',
		censusColumn: 'Census',
		difference: 'Difference',
		same: 'Equal',
		pyramid: 'Age pyramid',
		pyramidSummary: (male, female) => `Male ${n(male)}, female ${n(female)}.`,
		male: 'Male',
		female: 'Female',
		band: 'Age group',
		total: 'Total',
		asTable: 'Show as a table',
		sizes: 'Household sizes',
		sizeOf: (size, last) => (last ? `${size} people or more` : size === 1 ? '1 person' : `${size} people`),
		sizeShare: 'Share',
		people: 'List of residents'
	},
	picker: {
		placeholder: 'Type a name or code',
		placeName: 'Type a name',
		none: 'No unit found',
		noneInside: 'No unit of your area found',
		searching: 'Searching…',
		clear: 'Clear',
		open: 'Open the list'
	},
	audit: {
		title: 'Audit log',
		lead: 'Who saw or changed what, and when.',
		at: 'When',
		actor: 'Who',
		action: 'Action',
		object: 'Object',
		unit: 'Area',
		detail: 'Detail',
		from: 'From',
		to: 'To',
		actorFilter: 'Account id',
		objectFilter: 'Object id',
		actionFilter: 'Action, for example account.create',
		system: 'System',
		onlyActor: (name) => `Only what ${name} did`,
		onlyObject: 'Only this object',
		sealsLink: 'See the seals',
		none: 'Nothing happened in this span'
	},
	seals: {
		title: 'Audit seals',
		lead: 'Each batch of audit rows is hashed to a root, chained to the batch before it and signed. Changing one old row breaks the chain.',
		seq: 'Batch',
		span: 'Span of time',
		rows: 'Rows',
		root: 'Root',
		chain: 'Chain',
		signed: 'Signed',
		unsigned: 'Not signed',
		verified: 'Matches',
		broken: 'Does not match',
		state: 'Check',
		allGood: 'All batches shown here match.',
		someBad: (count) => `${many(count, 'batch does', 'batches do')} not match. Tell the administrator at once and leave the server as it is.`,
		none: 'No batch has been sealed yet',
		noneLead: 'The first appears a few minutes after the server starts.',
		log: 'To the audit log'
	},
	people: {
		title: 'Residents',
		lead: 'Search within your area. Every record you open is written to the audit log.',
		q: 'Name',
		name: 'Full name',
		birthYear: 'Birth year',
		sex: 'Sex',
		sexes: { male: 'Male', female: 'Female', m: 'Male', f: 'Female', other: 'Other' },
		unit: 'Lives in',
		household: 'Household',
		members: (count) => `Household of ${n(count)}`,
		id: 'Personal number',
		phone: 'Phone',
		address: 'Address',
		unknown: 'Not known',
		masked: 'Part of the number is hidden. Seeing all of it needs a reason of duty.',
		start: 'Type a name to search',
		startLead: 'Or choose an area to see its list.',
		view: (name) => `Open the record of ${name}`,
		you: 'shown here',
		audited: 'This look has been written to the audit log.'
	},
	lab: enLab,
	planner: enPlanner,
	organisations: enOrganisations,
	register: enRegister,
	sampling: enSampling,
	board: {
		title: 'The area as a whole',
		covered: 'People in the register'
	}
} satisfies StaffCatalogue;
