// Line icons on a 24 grid, drawn for this product. Those here travel with the first page; icons.staff.ts adds the office's.
import type { StaffIconName } from './icons.staff';

const CORE = {
	check: 'M4.5 12.5l5 5 10-11',
	ok: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM8 12.3l2.8 2.8L16 9.6',
	warn: 'M12 3.5 2.5 20h19zM12 10v4.5M12 17v.5',
	bad: 'M8 3h8l5 5v8l-5 5H8l-5-5V8zM9 9l6 6M15 9l-6 6',
	note: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 11v5.5M12 7.5v.5',
	pause: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM10 9v6M14 9v6',
	right: 'M9 5l7 7-7 7',
	back: 'M20 12H4.5M11 5l-7 7 7 7',
	phone: 'M8 2.5h8a1.5 1.5 0 0 1 1.5 1.5v16a1.5 1.5 0 0 1-1.5 1.5H8A1.5 1.5 0 0 1 6.5 20V4A1.5 1.5 0 0 1 8 2.5zM10.5 18.5h3',
	call: 'M5 3.5h4l1.5 5-2.5 1.5a12 12 0 0 0 6 6l1.5-2.5 5 1.5v4a1.5 1.5 0 0 1-1.5 1.5A16.5 16.5 0 0 1 3.5 5 1.5 1.5 0 0 1 5 3.5z',
	card: 'M3.5 5.5h17v13h-17zM6.5 8.5h4v4h-4zM13.5 9h4M13.5 12h4M6.5 15.5h11',
	badge: 'M6 6.5h12v14H6zM9.5 6.5v-3h5v3M12 10.2a1.8 1.8 0 1 0 0 3.6 1.8 1.8 0 0 0 0-3.6zM8.8 18c.6-2 1.7-2.7 3.2-2.7s2.6.7 3.2 2.7',
	office: 'M4.5 20.5v-17h10v17M14.5 9.5h5v11M3 20.5h18M8 7.5h3M8 11h3M8 14.5h3',
	user: 'M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4.5 20.5c.8-4.5 3.5-6 7.5-6s6.7 1.5 7.5 6',
	users: 'M9 5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7zM2.5 19.5c.6-4 2.9-5.3 6.5-5.3s5.9 1.3 6.5 5.3M15.5 5.3a3.5 3.5 0 0 1 0 6.5M17.5 14.5c2.2.5 3.5 2 4 5',
	plus: 'M12 4.5v15M4.5 12h15',
	out: 'M10 4.5H4.5v15H10M9.5 12H20M15.5 7.5 20 12l-4.5 4.5',
	gear: 'M4 7h9M17 7h3M4 17h3M11 17h9M15 5v4M9 15v4M4 12h2M10 12h10M8 10v4',
	globe: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM3.5 12h17M12 3c5 5 5 13 0 18M12 3c-5 5-5 13 0 18'
} as const;

export type IconName = keyof typeof CORE | StaffIconName;

let all: Partial<Record<IconName, string>> = CORE;

export const iconPath = (name: IconName): string | undefined => all[name];
export const iconNames = (): IconName[] => Object.keys(all) as IconName[];

/** The office's icons, added when its shell is loaded. */
export function addIcons(more: Record<StaffIconName, string>): void {
	all = { ...all, ...more };
}
