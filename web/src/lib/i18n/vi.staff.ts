// The staff catalogue: fetched with the staff door only. en.staff.ts is typed against it.
import { viAccess } from './vi.access';
import { viSignIn } from './vi.signIn';
import { viSheets } from './vi.sheets';
import { number } from '../format';
import { viOrganisations } from './vi.organisations';
import { viLab } from './vi.lab';
import { viPlanner } from './vi.planner';
import type { Words } from './vi';
import { viRegister } from './vi.register';
import { viSampling } from './vi.sampling';

const n = (value: number) => number(value, 'vi');

export const viStaff = {
	...viAccess,
	...viSignIn,
	homes: {
		sampling: {
			lead: 'Tải danh sách ấp của anh/chị, rồi lấy mẫu cả ca không cần mạng.',
			action: 'Vào ca lấy mẫu'
		},
		siteLead: {
			lead: 'Chuẩn bị người và máy cho điểm lấy mẫu: tạo tài khoản tạm từ danh sách, in thẻ, đăng ký thiết bị.',
			action: 'Tạo tài khoản tạm'
		},
		community: {
			lead: 'Rà danh sách người dân trong ấp, khu phố của anh/chị.',
			action: 'Mở danh sách người dân'
		},
		courier: { lead: 'Chưa có chuyến giao mẫu nào được giao cho anh/chị.' },
		laboratory: { lead: 'Nhận mẫu, gộp, chạy, đọc và duyệt: bảng việc trong ngày, việc cũ nhất đứng trước.', action: 'Mở phòng xét nghiệm' },
		recall: { lead: 'Người phải gọi báo và mời lấy mẫu lại, từng ấp theo đường đi.', action: 'Mở danh sách' },
		checkpoint: { lead: 'Chưa có mã QR xét nghiệm nào được cấp nên chốt chưa có gì để quét.' },
		station: {
			lead: 'Người dân và số liệu dân số trong địa bàn của anh/chị.',
			action: 'Tìm người dân'
		},
		figures: {
			lead: 'Dân số, hộ, tổ chức của địa bàn, so với tổng điều tra.',
			action: 'Xem số liệu địa bàn'
		},
		administrator: {
			lead: 'Tạo tài khoản, giao vai trò và địa bàn; in thẻ cho nhân viên thời vụ; đăng ký thiết bị.',
			action: 'Quản lý tài khoản'
		},
		auditor: {
			lead: 'Mỗi lần xem và sửa dữ liệu đều được ghi lại, niêm phong theo lô.',
			action: 'Mở nhật ký'
		}
	},
	settings: {
		title: 'Cài đặt',
		lead: 'Lưu trên máy này.',
		language: 'Ngôn ngữ',
		type: 'Cỡ chữ',
		typeNormal: 'Bình thường',
		typeLarge: 'Chữ lớn',
		theme: 'Màn hình',
		themeSystem: 'Theo máy',
		themeLight: 'Sáng',
		themeDark: 'Tối',
		themeSunlight: 'Ngoài nắng',
		themeSunlightHint: 'Đen trên trắng, nét dày',
		sample: 'Chữ trên trang sẽ như dòng này: 1.094.544 người, 10/09/2021 18:00.'
	},
	sheets: viSheets,
	nav: {
		label: 'Trang của cán bộ',
		home: 'Trang chính',
		units: 'Địa bàn và số liệu',
		people: 'Người dân',
		households: 'Hộ gia đình',
		organisations: 'Tổ chức, doanh nghiệp',
		groups: 'Nhóm cư dân',
		vehicles: 'Xe và tài xế',
		restrictions: 'Cách ly, phong tỏa',
		duplicates: 'Hồ sơ trùng',
		requests: 'Yêu cầu dữ liệu',
		accounts: 'Tài khoản',
		temporary: 'Tài khoản tạm',
		devices: 'Thiết bị',
		tokens: 'Khóa API',
		planner: 'Cỡ gộp',
		laboratory: 'Phòng xét nghiệm',
		recalls: 'Mời lấy mẫu lại',
		closing: 'Chốt vòng',
		audit: 'Nhật ký',
		seals: 'Niêm phong nhật ký'
	},
	list: {
		datePlaceholder: 'ngày/tháng/năm',
		dateBad: 'Nhập ngày theo dạng ngày/tháng/năm, ví dụ 10/09/2021.',
		count: (count: number) => `${n(count)} dòng`,
		shown: (shown: number, total: number) => `Đang hiện ${n(shown)} / ${n(total)}`,
		shownOpen: (shown: number) => `Đang hiện ${n(shown)}, còn nữa`,
		more: 'Tải thêm',
		search: 'Tìm',
		searchHint: 'Không cần gõ dấu',
		clear: 'Bỏ lọc',
		all: 'Tất cả',
		none: 'Không có dòng nào khớp',
		noneLead: 'Anh/chị thử từ ngắn hơn, hoặc bỏ bớt điều kiện lọc.',
		exportCsv: 'Tải CSV',
		exportNote: 'Tải đúng những gì đang hiện trên màn hình.',
		actions: 'Việc',
		undo: 'Hoàn tác'
	},
	levels: { province: 'Tỉnh', district: 'Huyện', commune: 'Xã', hamlet: 'Ấp, khu phố' } as Record<string, string>,
	kinds: {
		tinh: 'Tỉnh',
		huyen: 'Huyện',
		'thanh-pho': 'Thành phố',
		'thi-xa': 'Thị xã',
		xa: 'Xã',
		phuong: 'Phường',
		'thi-tran': 'Thị trấn',
		ap: 'Ấp',
		'khu-pho': 'Khu phố'
	} as Record<string, string>,
	units: {
		title: 'Địa bàn và số liệu',
		lead: 'Cây đơn vị hành chính theo ngày. Mở một dòng để xem cấp dưới.',
		tree: 'Cây đơn vị hành chính',
		keys: 'Dùng phím mũi tên để đi, → mở, ← đóng, Enter để xem số liệu.',
		era: 'Cây hành chính',
		era2021: 'Năm 2021',
		era2021Hint: 'tỉnh – huyện – xã – ấp',
		era2025: 'Từ 01/07/2025',
		era2025Hint: 'bỏ cấp huyện',
		on: 'Ngày',
		name: 'Đơn vị',
		code: 'Mã',
		kind: 'Loại',
		persons: 'Người',
		households: 'Hộ',
		perHousehold: 'Người/hộ',
		area: 'Diện tích',
		km2: (value: number) => `${number(value, 'vi', 1)} km²`,
		children: 'Đơn vị trực thuộc',
		childCount: (count: number) => `${n(count)} đơn vị trực thuộc`,
		expand: (name: string) => `Mở ${name}`,
		collapse: (name: string) => `Đóng ${name}`,
		noUnits: 'Ngày này chưa có đơn vị nào',
		noUnitsLead: 'Anh/chị chọn ngày khác. Cây năm 2021 và cây từ 01/07/2025 là hai cây đã nạp.',
		ended: (date: string) => `Đơn vị này đã kết thúc ngày ${date}.`,
		successors: 'Nay là:',
		valid: (from: string, to: string | null) => (to ? `Từ ${from} đến ${to}` : `Từ ${from} đến nay`),
		open: (name: string) => `Xem số liệu ${name}`,
		figures: 'Số liệu',
		organisations: 'Tổ chức, doanh nghiệp',
		groups: 'Nhóm cư dân',
		vehicles: 'Xe',
		census: 'So với tổng điều tra',
		censusSource: (source: string) => `Nguồn: ${source}`,
		noCensus: 'Tổng điều tra không có số riêng cho đơn vị này.',
		register: 'Danh sách hiện có',
		censusColumn: 'Tổng điều tra',
		difference: 'Chênh lệch',
		same: 'Khớp',
		pyramid: 'Tháp tuổi',
		pyramidSummary: (male: number, female: number) => `Nam ${n(male)}, nữ ${n(female)}.`,
		male: 'Nam',
		female: 'Nữ',
		band: 'Nhóm tuổi',
		total: 'Cộng',
		asTable: 'Xem dạng bảng',
		sizes: 'Cỡ hộ',
		sizeOf: (size: number, last: boolean) => (last ? `${size} người trở lên` : `${size} người`),
		sizeShare: 'Tỷ lệ',
		people: 'Danh sách người dân'
	},
	picker: {
		placeholder: 'Gõ tên hoặc mã',
		placeName: 'Gõ tên',
		none: 'Không tìm thấy đơn vị nào',
		noneInside: 'Không tìm thấy đơn vị nào trong địa bàn của anh/chị',
		searching: 'Đang tìm…',
		clear: 'Bỏ chọn',
		open: 'Mở danh sách'
	},
	audit: {
		title: 'Nhật ký',
		lead: 'Ai đã xem hoặc sửa gì, lúc nào.',
		at: 'Lúc',
		actor: 'Ai',
		action: 'Việc',
		object: 'Đối tượng',
		unit: 'Địa bàn',
		detail: 'Chi tiết',
		from: 'Từ ngày',
		to: 'Đến ngày',
		actorFilter: 'Mã tài khoản',
		objectFilter: 'Mã đối tượng',
		actionFilter: 'Tên việc, ví dụ account.create',
		system: 'Hệ thống',
		onlyActor: (name: string) => `Chỉ xem việc của ${name}`,
		onlyObject: 'Chỉ xem đối tượng này',
		sealsLink: 'Xem niêm phong',
		none: 'Không có việc nào trong khoảng này'
	},
	seals: {
		title: 'Niêm phong nhật ký',
		lead: 'Mỗi lô dòng nhật ký được băm thành một gốc, nối với lô trước rồi ký. Sửa một dòng cũ là chuỗi đứt.',
		seq: 'Lô',
		span: 'Khoảng thời gian',
		rows: 'Số dòng',
		root: 'Gốc',
		chain: 'Chuỗi',
		signed: 'Đã ký',
		unsigned: 'Chưa ký',
		verified: 'Khớp',
		broken: 'Không khớp',
		state: 'Kiểm tra',
		allGood: 'Các lô đang hiện đều khớp.',
		someBad: (count: number) => `${n(count)} lô không khớp. Báo ngay cho người quản trị và giữ nguyên máy chủ.`,
		none: 'Chưa có lô nào được niêm phong',
		noneLead: 'Lô đầu tiên xuất hiện ít phút sau khi máy chủ chạy.',
		log: 'Về nhật ký'
	},
	people: {
		title: 'Người dân',
		lead: 'Tìm trong địa bàn của anh/chị. Mỗi lần mở hồ sơ đều được ghi vào nhật ký.',
		q: 'Họ và tên',
		name: 'Họ và tên',
		birthYear: 'Năm sinh',
		sex: 'Giới tính',
		sexes: { male: 'Nam', female: 'Nữ', m: 'Nam', f: 'Nữ', other: 'Khác' } as Record<string, string>,
		unit: 'Nơi ở',
		household: 'Hộ',
		members: (count: number) => `Hộ có ${n(count)} người`,
		id: 'Số định danh',
		phone: 'Điện thoại',
		address: 'Địa chỉ',
		unknown: 'Chưa có',
		masked: 'Một phần số được che. Muốn xem đủ phải có lý do công việc.',
		start: 'Gõ tên để tìm',
		startLead: 'Hoặc chọn một địa bàn để xem danh sách.',
		view: (name: string) => `Mở hồ sơ ${name}`,
		you: 'đang xem',
		audited: 'Lần xem này đã được ghi vào nhật ký.'
	},
	lab: viLab,
	planner: viPlanner,
	organisations: viOrganisations,
	register: viRegister,
	sampling: viSampling,
	board: {
		title: 'Toàn cảnh địa bàn',
		covered: 'Người trong danh sách'
	}
};

export type StaffCatalogue = Words<typeof viStaff>;
