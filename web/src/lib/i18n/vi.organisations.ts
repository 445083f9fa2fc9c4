// Words of the pages of organisations, groups and vehicles; a part of the staff catalogue.
import { number } from '../format';

const n = (value: number) => number(value, 'vi');

export const viOrganisations = {
	name: 'Tên',
	kind: 'Loại',
	unit: 'Ấp, xã',
	address: 'Địa chỉ',
	ended: 'Đã nghỉ',
	endedOn: (day: string) => `Đã nghỉ từ sau ngày ${day}. Hồ sơ chỉ còn để xem.`,
	withEnded: 'Cả nơi đã nghỉ',
	onlyNow: 'Đang hoạt động',
	record: 'Thông tin',
	optional: 'để trống cũng được',
	organisations: {
		title: 'Tổ chức, doanh nghiệp',
		lead: 'Doanh nghiệp, chợ, cơ quan, hộ kinh doanh, nhà vận tải, khu công nghiệp trong địa bàn.',
		search: 'Tìm theo tên',
		searchHint: 'Không cần dấu',
		add: 'Thêm tổ chức',
		none: 'Chưa có tổ chức nào trong địa bàn',
		noneLead: 'Bấm “Thêm tổ chức” để ghi nơi đầu tiên.',
		kinds: {
			park: 'Khu công nghiệp',
			enterprise: 'Doanh nghiệp',
			market: 'Chợ',
			agency: 'Cơ quan',
			household_business: 'Hộ kinh doanh',
			carrier: 'Vận tải'
		} as Record<string, string>,
		taxCode: 'Mã số thuế',
		taxHint: '10 số, chi nhánh thêm 3 số',
		parent: 'Trong khu công nghiệp',
		members: 'Số người',
		people: 'Người làm việc',
		end: 'Cho nghỉ hẳn',
		endLead: 'Các bộ phận và mọi người làm việc ở đây cũng kết thúc từ ngày này. Lịch sử vẫn được giữ.',
		tenants: 'Tổ chức trong khu',
		noTenants: 'Chưa có tổ chức nào trong khu này.'
	},
	parts: {
		title: 'Ca, phân xưởng',
		none: 'Chưa chia ca hay phân xưởng.',
		kind: 'Loại',
		kinds: { shift: 'Ca', workshop: 'Phân xưởng' } as Record<string, string>,
		name: 'Tên ca, phân xưởng',
		add: 'Thêm ca, phân xưởng',
		end: 'Kết thúc',
		endOf: (name: string) => `Kết thúc ${name}`,
		endLead: 'Người trong bộ phận này vẫn làm việc ở đây, không còn thuộc bộ phận nào.',
		rename: 'Đổi tên',
		renameOf: (name: string) => `Đổi tên ${name}`,
		whole: 'Không thuộc bộ phận nào',
		people: (count: number) => `${n(count)} người`,
		until: (day: string) => `Đến hết ${day}`,
		added: (name: string) => `Đã thêm ${name}.`,
		ended: (name: string) => `${name} đã kết thúc.`
	},
	members: {
		count: (count: number) => `${n(count)} người`,
		elsewhere: (count: number) => `Trong đó ${n(count)} người ở ngoài địa bàn của anh/chị, không hiện tên.`,
		add: 'Thêm người',
		who: 'Tìm người theo tên',
		whoHint: 'Chỉ tìm trong địa bàn của anh/chị.',
		part: 'Ca, phân xưởng',
		role: 'Công việc',
		roles: {
			worker: 'Công nhân, nhân viên',
			manager: 'Quản lý',
			trader: 'Tiểu thương',
			driver: 'Tài xế',
			other: 'Khác',
			member: 'Thành viên'
		} as Record<string, string>,
		from: 'Từ ngày',
		to: 'Đến hết ngày',
		today: 'Để trống là hôm nay',
		leave: 'Cho nghỉ',
		leaveOf: (name: string) => `Cho ${name} nghỉ`,
		leaveLead: 'Ngày cuối vẫn được tính. Lịch sử vẫn được giữ.',
		joined: (name: string) => `${name} đã vào danh sách.`,
		left: (name: string) => `${name} đã rời danh sách.`,
		all: 'Cả người đã nghỉ',
		now: 'Đang ở trong danh sách',
		show: 'Hiện',
		none: 'Chưa có ai trong danh sách',
		noneLead: 'Bấm “Thêm người” để ghi người đầu tiên.',
		actions: 'Việc'
	},
	groups: {
		title: 'Nhóm cư dân',
		lead: 'Dãy trọ, tổ, tiểu thương của chợ, ca làm việc: lấy mẫu một phần, đại diện cho cả nhóm.',
		search: 'Tìm theo tên',
		add: 'Thêm nhóm',
		none: 'Chưa có nhóm nào trong địa bàn',
		noneLead: 'Bấm “Thêm nhóm” để ghi nhóm đầu tiên.',
		kinds: {
			block: 'Tổ, khu nhà',
			boarding_row: 'Dãy trọ',
			market_traders: 'Tiểu thương',
			shift: 'Ca làm việc',
			other: 'Khác'
		} as Record<string, string>,
		owner: 'Người phụ trách danh sách',
		noOwner: 'Chưa có, hoặc ở ngoài địa bàn',
		organisation: 'Thuộc tổ chức',
		share: 'Tỷ lệ lấy mẫu mỗi vòng (%)',
		shareHint: 'Từ 1 đến 100',
		shareOf: (percent: number) => `${percent} %`,
		people: 'Người trong nhóm',
		end: 'Giải tán nhóm',
		endLead: 'Mọi người rời nhóm từ ngày này. Lịch sử vẫn được giữ.'
	},
	vehicles: {
		title: 'Xe và tài xế',
		lead: 'Mỗi biển số là một xe. Giấy của xe dựa vào kết quả của tài xế.',
		search: 'Tìm theo biển số',
		searchHint: 'Không cần dấu chấm, gạch',
		add: 'Thêm xe',
		none: 'Chưa có xe nào trong địa bàn',
		noneLead: 'Bấm “Thêm xe” để ghi xe đầu tiên.',
		plate: 'Biển số',
		kinds: {
			truck: 'Xe tải',
			coach: 'Xe khách',
			van: 'Xe van',
			car: 'Xe con',
			motorbike: 'Xe máy',
			boat: 'Ghe, tàu'
		} as Record<string, string>,
		organisation: 'Của nhà vận tải',
		drivers: 'Tài xế',
		end: 'Đưa ra khỏi danh sách',
		endLead: 'Tài xế thôi lái xe này từ ngày ấy. Lịch sử vẫn được giữ.'
	},
	history: {
		title: 'Quá trình',
		events: {
			registered: 'Ghi vào danh sách',
			ended: 'Nghỉ hẳn, ngày cuối',
			part: 'Có thêm bộ phận',
			part_ended: 'Bộ phận kết thúc, ngày cuối',
			joined: 'Vào danh sách',
			left: 'Rời danh sách, ngày cuối',
			vehicle: 'Có thêm xe',
			group: 'Có thêm nhóm',
			restricted: 'Bắt đầu hạn chế',
			released: 'Hết hạn chế'
		} as Record<string, string>
	}
};
