export const STAFF_ICONS = {
	clock: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7v5.5l3.5 2',
	down: 'M5 9l7 7 7-7',
	search: 'M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.5 15.5 20.5 20.5',
	tree: 'M12 3.5v5M5 15v-3.5h14V15M12 8.5v6.5M10 3.5h4v3h-4zM3 15h4v4.5H3zM10 15h4v4.5h-4zM17 15h4v4.5h-4z',
	key: 'M8 11.5a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM11 12.8 20 3.8M16.5 7.3l3 3',
	log: 'M5.5 3.5h13v17h-13zM8.5 8h7M8.5 12h7M8.5 16h4',
	seal: 'M12 3.5a6 6 0 1 0 0 12 6 6 0 0 0 0-12zM8.5 14.5 7 21l5-2.5 5 2.5-1.5-6.5M9.7 9.7l1.7 1.7 3-3.2',
	sheet: 'M4.5 4.5h15v15h-15zM4.5 9.5h15M4.5 14.5h15M10 4.5v15',
	download: 'M12 3.5v12M6.5 10.5 12 16l5.5-5.5M4 20.5h16',
	copy: 'M8.5 8.5h11v12h-11zM15.5 8.5v-5h-11v12h4',
	minus: 'M4.5 12h15',
	trash: 'M4 6.5h16M9 6.5v-3h6v3M6 6.5l1 14h10l1-14M10 10.5v6M14 10.5v6',
	menu: 'M3.5 6.5h17M3.5 12h17M3.5 17.5h17',
	close: 'M5 5l14 14M19 5 5 19',
	home: 'M3.5 11.5 12 4l8.5 7.5M6 9.5v11h12v-11M10 20.5v-6h4v6',
	sun: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2.5v2.5M12 19v2.5M2.5 12H5M19 12h2.5M5.3 5.3l1.7 1.7M17 17l1.7 1.7M18.7 5.3 17 7M7 17l-1.7 1.7'
} as const;

export type StaffIconName = keyof typeof STAFF_ICONS;
