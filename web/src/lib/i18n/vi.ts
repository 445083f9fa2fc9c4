// The shared catalogue: what citizens, field staff and the sign-in pages say. Vietnamese is the source of the keys;
// en.ts is typed against it. Texts speak to people: who reads "anh/chị" should know what to do next.
import { number } from '../format';

const n = (value: number) => number(value, 'vi');

export const vi = {
	brand: {
		name: 'Pháo Đài Xanh',
		line: 'Xét nghiệm diện rộng tỉnh Bến Tre',
		home: 'Về trang chính'
	},
	language: { vi: 'Tiếng Việt', en: 'English' },
	common: {
		skip: 'Bỏ qua, tới nội dung chính',
		menu: 'Mở trình đơn',
		cancel: 'Thôi',
		back: 'Quay lại',
		next: 'Tiếp tục',
		save: 'Lưu',
		saved: 'Đã lưu.',
		retry: 'Thử lại',
		loading: 'Đang tải…',
		copy: 'Chép',
		copied: 'Đã chép',
		required: 'Anh/chị chưa điền ô này.',
		optional: 'không bắt buộc',
		show: 'Hiện',
		hide: 'Ẩn',
		signOut: 'Đăng xuất',
		settings: 'Cài đặt',
		account: (name: string) => `Tài khoản: ${name}`,
		until: (when: string) => `đến ${when}`,
		somethingMissing: 'Còn chỗ cần sửa. Anh/chị coi lại các ô có dấu báo lỗi.'
	},
	problem: {
		offlineTitle: 'Chưa kết nối được với máy chủ',
		offline: 'Anh/chị kiểm tra mạng rồi bấm “Thử lại”. Những gì đã nhập vẫn còn.',
		unknownTitle: 'Máy chủ trả lời chưa đúng',
		unknown: (status: number) => `Mã lỗi ${status}. Anh/chị thử lại sau ít phút. Nếu vẫn vậy, xin báo người quản trị kèm mã này.`,
		waitFor: (time: string) => `Thử lại được sau ${time}.`,
		notFoundTitle: 'Không có trang này',
		notFound: 'Đường dẫn có thể đã cũ, hoặc anh/chị không có quyền xem.'
	},
	demo: {
		ribbon: 'Bản trình diễn – người và số giấy tờ đều là giả',
		title: 'Vào thử với một vai'
	},
	help: {
		title: 'Cần giúp đỡ?',
		hotline: 'Đường dây nóng',
		call: (phone: string) => `Gọi ${phone}`,
		site: 'Tới điểm lấy mẫu hoặc trạm y tế xã: nhân viên sẽ làm giúp, không cần điện thoại.',
		card: 'Bà con không có điện thoại được phát thẻ giấy. Giữ thẻ cẩn thận như giấy tờ tùy thân.'
	},
	signIn: {
		title: 'Đăng nhập',
		lead: 'Anh/chị vào bằng cách nào?',
		phone: 'Người dân – số điện thoại',
		phoneHint: 'Nhận mã qua tin nhắn',
		card: 'Người dân – thẻ giấy',
		cardHint: 'Mã in trên thẻ và năm sinh',
		badge: 'Nhân viên tại điểm, chốt, tổ',
		badgeHint: 'Thẻ nhân viên và mã PIN',
		office: 'Cán bộ văn phòng',
		officeHint: 'Mật khẩu và mã xác thực',
		other: 'Cách đăng nhập khác',
		submit: 'Đăng nhập',
		signedOut: 'Anh/chị đã đăng xuất.',
		expired: 'Phiên làm việc đã hết. Mời anh/chị đăng nhập lại.'
	},
	phone: {
		title: 'Đăng nhập bằng điện thoại',
		phone: 'Số điện thoại',
		phoneHint: 'Số di động 10 chữ số, ví dụ 0912 345 678',
		phoneBad: 'Số di động ở Việt Nam có 10 chữ số, bắt đầu bằng 0.',
		send: 'Gửi mã cho tôi',
		sent: (phone: string) => `Nếu số ${phone} đã đăng ký, mã sẽ tới trong ít phút.`,
		code: 'Mã trong tin nhắn',
		codeBad: 'Mã gồm đúng 6 chữ số.',
		resendIn: (time: string) => `Gửi lại được sau ${time}`,
		resend: 'Gửi lại mã',
		change: 'Đổi số điện thoại',
		borrowed: 'Mượn điện thoại của người khác? Coi xong, anh/chị nhớ bấm “Đăng xuất”.'
	},
	card: {
		title: 'Đăng nhập bằng thẻ giấy',
		card: 'Mã trên thẻ',
		cardHint: 'Chữ và số in dưới ô vuông trên thẻ',
		cardBad: 'Mã trên thẻ dài hơn vậy. Anh/chị coi lại thẻ giúp.',
		birthYear: 'Năm sinh',
		birthYearHint: 'Bốn chữ số, ví dụ 1953',
		birthYearBad: (year: number) => `Năm sinh có bốn chữ số, từ 1900 đến ${year}.`
	},
	home: {
		hello: (name: string) => `Chào ${name}`,
		now: 'Việc chính',
		waiting: 'Đang chờ',
		nothing: 'Chưa có việc nào chờ anh/chị.',
		notYet: 'Phần này chưa mở',
		noGrant: 'Tài khoản chưa được giao vai trò nào',
		noGrantLead: 'Người quản trị của đơn vị anh/chị sẽ giao vai trò và địa bàn.',
		persons: 'Người được liên kết với tài khoản này',
		noPersons: 'Chưa có ai được liên kết',
		noPersonsLead: 'Trạm y tế xã liên kết số điện thoại với người trong hộ. Anh/chị mang giấy tờ tới trạm để được làm giúp.',
		addByCard: 'Thêm người thân bằng thẻ giấy',
		add: 'Thêm',
		added: 'Đã thêm.',
		otherRoles: 'Vai trò khác'
	},
	person: {
		title: 'Thông tin của tôi',
		id: 'Số định danh',
		address: 'Nơi ở',
		household: 'Người trong hộ',
		wrong: 'Thông tin chưa đúng? Anh/chị báo trạm y tế xã để sửa.'
	},
	homes: {
		citizen: {
			lead: 'Đặt lịch xét nghiệm, kết quả và mã QR sẽ hiện ở đây khi tỉnh mở đợt xét nghiệm. Lúc này chưa có đợt nào.',
			action: 'Gọi đường dây nóng'
		},
		organisation: {
			lead: 'Danh sách người lao động và mã QR của đơn vị sẽ hiện ở đây khi tỉnh mở đợt xét nghiệm. Lúc này chưa có đợt nào.'
		}
	},
	roles: {
		citizen: 'Người dân',
		household_head: 'Chủ hộ',
		organisation_manager: 'Người quản lý tổ chức, doanh nghiệp',
		community_team: 'Tổ COVID cộng đồng',
		sampler: 'Nhân viên lấy mẫu',
		site_lead: 'Trưởng điểm lấy mẫu',
		courier: 'Người giao mẫu',
		lab_technician: 'Kỹ thuật viên xét nghiệm',
		lab_lead: 'Trưởng phòng xét nghiệm',
		outside_lab: 'Phòng xét nghiệm ngoài',
		commune_station: 'Trạm y tế xã',
		recall_team: 'Tổ mời lấy mẫu lại',
		checkpoint_officer: 'Cán bộ chốt kiểm soát',
		district_officer: 'Cán bộ y tế huyện',
		province_officer: 'Cán bộ y tế tỉnh',
		sector_viewer: 'Người theo dõi của ngành',
		leader: 'Lãnh đạo',
		administrator: 'Quản trị hệ thống',
		auditor: 'Người kiểm tra nhật ký'
	}
};

/** The same tree with any text in it: every key, and every function's parameters, must be there. */
export type Words<T> = {
	[K in keyof T]: T[K] extends string
		? string
		: T[K] extends (...args: infer A) => string
			? (...args: A) => string
			: Words<T[K]>;
};
export type Catalogue = Words<typeof vi>;
