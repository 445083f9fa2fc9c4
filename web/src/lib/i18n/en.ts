import { number } from '../format';
import type { Catalogue } from './vi';

const n = (value: number) => number(value, 'en');

export const en = {
	brand: {
		name: 'Greenfort',
		line: 'Mass testing for the province of Ben Tre',
		home: 'To the first page'
	},
	language: { vi: 'Tiếng Việt', en: 'English' },
	common: {
		skip: 'Skip to the main content',
		menu: 'Open the menu',
		cancel: 'Cancel',
		back: 'Back',
		next: 'Continue',
		save: 'Save',
		saved: 'Saved.',
		retry: 'Try again',
		loading: 'Loading…',
		copy: 'Copy',
		copied: 'Copied',
		required: 'Please fill in this field.',
		optional: 'optional',
		show: 'Show',
		hide: 'Hide',
		signOut: 'Sign out',
		settings: 'Settings',
		account: (name) => `Account: ${name}`,
		until: (when) => `until ${when}`,
		somethingMissing: 'Something needs mending. Look at the fields marked with an error.'
	},
	problem: {
		offlineTitle: 'The server cannot be reached',
		offline: 'Check the connection, then press “Try again”. What you typed is kept.',
		unknownTitle: 'The server gave an unexpected answer',
		unknown: (status) => `Error ${status}. Try again in a few minutes. If it stays, tell the administrator this number.`,
		waitFor: (time) => `You can try again in ${time}.`,
		notFoundTitle: 'There is no such page',
		notFound: 'The link may be old, or you may not have the right to see it.'
	},
	demo: {
		ribbon: 'Demonstration – all people and papers are made up',
		title: 'Try a role'
	},
	help: {
		title: 'Need help?',
		hotline: 'Hotline',
		call: (phone) => `Call ${phone}`,
		site: 'Come to a sampling site or your commune health station: the staff will do it for you, no phone needed.',
		card: 'People without a phone receive a printed card. Keep it as carefully as an identity card.'
	},
	signIn: {
		title: 'Sign in',
		lead: 'How do you want to sign in?',
		phone: 'Resident – phone number',
		phoneHint: 'Receive a code by message',
		card: 'Resident – printed card',
		cardHint: 'The code on the card and a birth year',
		badge: 'Staff at a site, checkpoint or team',
		badgeHint: 'Staff badge and PIN',
		office: 'Office staff',
		officeHint: 'Password and authenticator code',
		other: 'Another way to sign in',
		submit: 'Sign in',
		signedOut: 'You are signed out.',
		expired: 'Your session has ended. Please sign in again.'
	},
	phone: {
		title: 'Sign in by phone',
		phone: 'Phone number',
		phoneHint: 'Mobile number of 10 digits, for example 0912 345 678',
		phoneBad: 'A mobile number has 10 digits and begins with 0.',
		send: 'Send me a code',
		sent: (phone) => `If ${phone} is registered, the code arrives in a few minutes.`,
		code: 'Code in the message',
		codeBad: 'The code has exactly 6 digits.',
		resendIn: (time) => `You can ask again in ${time}`,
		resend: 'Send the code again',
		change: 'Change the phone number',
		borrowed: 'Using a borrowed phone? Remember to press “Sign out” afterwards.'
	},
	card: {
		title: 'Sign in with a printed card',
		card: 'Code on the card',
		cardHint: 'The letters and digits printed under the square',
		cardBad: 'The code on the card is longer than this. Please look at the card again.',
		birthYear: 'Birth year',
		birthYearHint: 'Four digits, for example 1953',
		birthYearBad: (year) => `A birth year has four digits, from 1900 to ${year}.`
	},
	home: {
		hello: (name) => `Hello, ${name}`,
		now: 'What to do now',
		waiting: 'Waiting',
		nothing: 'Nothing is waiting for you.',
		notYet: 'Not open yet',
		noGrant: 'This account has no role yet',
		noGrantLead: 'The administrator of your office gives you a role and an area.',
		persons: 'People linked to this account',
		noPersons: 'Nobody is linked yet',
		noPersonsLead: 'The commune health station links a phone number to the people of a household. Bring your papers to the station.',
		addByCard: 'Add a relative by paper card',
		add: 'Add',
		added: 'Added.',
		otherRoles: 'Other roles'
	},
	person: {
		title: 'My details',
		id: 'Personal number',
		address: 'Lives in',
		household: 'People of the household',
		wrong: 'Is something wrong? Tell your commune health station, they will put it right.'
	},
	homes: {
		citizen: {
			lead: 'Appointments, results and your QR code appear here once the province opens a testing campaign. None is open now.',
			action: 'Call the hotline'
		},
		organisation: {
			lead: 'Your workers and the QR code of the organisation appear here once the province opens a testing campaign. None is open now.'
		}
	},
	roles: {
		citizen: 'Resident',
		household_head: 'Head of household',
		organisation_manager: 'Manager of an organisation',
		community_team: 'Community COVID team',
		sampler: 'Sampler',
		site_lead: 'Site lead',
		courier: 'Courier',
		lab_technician: 'Laboratory technician',
		lab_lead: 'Laboratory lead',
		outside_lab: 'Outside laboratory',
		commune_station: 'Commune health station',
		recall_team: 'Recall team',
		checkpoint_officer: 'Checkpoint officer',
		district_officer: 'District health officer',
		province_officer: 'Province health officer',
		sector_viewer: 'Sector viewer',
		leader: 'Leader',
		administrator: 'Administrator',
		auditor: 'Auditor'
	}
} satisfies Catalogue;
