// Words of how staff sign in, part of the staff catalogue.
import type { Words } from './vi';
import type { viSignIn } from './vi.signIn';

export const enSignIn: Words<typeof viSignIn> = {
	office: {
		title: 'Office staff',
		login: 'User name',
		password: 'Password',
		forgotten: 'Forgot the password? The administrator of your office will send you a new link.'
	},
	totp: {
		title: 'Authenticator code',
		lead: 'Open the authenticator app on your phone and type the 6 digits it shows.',
		code: '6-digit code',
		bad: 'The code has exactly 6 digits.',
		submit: 'Confirm',
		enrolTitle: 'Connect an authenticator app',
		enrolLead: 'Once only. From now on each sign-in needs your password and the 6 digits on your phone.',
		step1: 'Install an authenticator app on your phone (Google Authenticator, Microsoft Authenticator, FreeOTP…).',
		step2: 'In the app, add an account and scan the code below.',
		step3: 'Type the 6 digits the app now shows.',
		qrLabel: 'QR code to connect the authenticator app',
		secret: 'Cannot scan? Type this key into the app:'
	},
	firstRun: {
		title: 'Create the first administrator',
		lead: 'This link works once. Whoever creates this account administers the whole installation.',
		login: 'User name',
		loginHint: 'Small letters, digits and dots, for example nguyen.van.a',
		loginBad: 'A user name has at least 3 characters and no spaces.',
		name: 'Full name',
		submit: 'Create the account',
		noToken: 'The link lacks its code. Open exactly the link the server printed at its first start.'
	},
	invitation: {
		title: 'Accept your account',
		lead: 'Choose a password, then connect an authenticator app.',
		submit: 'Set the password',
		noToken: 'The link lacks its code. Open exactly the link you received, or ask the administrator for a new one.'
	},
	password: {
		label: 'New password',
		hint: 'At least 12 characters. A sentence you remember is better than a few odd signs.',
		repeat: 'The password again',
		short: 'The password needs at least 12 characters.',
		differs: 'The two passwords are not the same.'
	},
	badge: {
		title: 'Sign in with a staff badge',
		device: (label) => `Device: ${label}`,
		badge: 'Code on the staff badge',
		badgeHint: 'Scan the badge with a scanner or the camera, or type the code printed on it',
		pin: 'PIN',
		pinBad: 'A PIN has 4 to 8 digits.',
		noDevice: 'This device is not enrolled',
		noDeviceLead: 'The site lead or the administrator gives you an enrolment code. Each device does this once.',
		enrol: 'Enrol this device',
		noCrypto: 'This browser cannot keep a key safely. Open the page at an https address in a newer browser.'
	},
	enrol: {
		title: 'Enrol this device',
		lead: 'The device makes a key of its own and keeps it inside; nobody can copy it out. The server receives only the public half.',
		code: 'Enrolment code',
		codeHint: 'Read to you by the site lead or the administrator',
		submit: 'Enrol this device',
		done: 'The device is enrolled.',
		doneLead: 'Now each member of staff signs in with badge and PIN.',
		toBadge: 'Sign in with a staff badge',
		already: (label) => `This device is already enrolled as “${label}”. Enrolling again replaces the old key.`
	}
};
