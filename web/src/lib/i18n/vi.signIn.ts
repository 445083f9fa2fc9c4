// Words of how staff sign in, part of the staff catalogue.

export const viSignIn = {
	office: {
		title: 'Cán bộ văn phòng',
		login: 'Tên đăng nhập',
		password: 'Mật khẩu',
		forgotten: 'Quên mật khẩu? Người quản trị của đơn vị sẽ gửi cho anh/chị một đường dẫn mới.'
	},
	totp: {
		title: 'Mã xác thực',
		lead: 'Mở ứng dụng xác thực trên điện thoại và nhập 6 số đang hiện.',
		code: 'Mã 6 số',
		bad: 'Mã gồm đúng 6 chữ số.',
		submit: 'Xác nhận',
		enrolTitle: 'Gắn ứng dụng xác thực',
		enrolLead: 'Làm một lần. Từ nay mỗi lần đăng nhập cần mật khẩu và mã 6 số trên điện thoại của anh/chị.',
		step1: 'Cài một ứng dụng xác thực trên điện thoại (Google Authenticator, Microsoft Authenticator, FreeOTP…).',
		step2: 'Trong ứng dụng, chọn thêm tài khoản và quét mã dưới đây.',
		step3: 'Nhập 6 số ứng dụng vừa hiện.',
		qrLabel: 'Mã QR để gắn ứng dụng xác thực',
		secret: 'Không quét được? Nhập khóa này vào ứng dụng:'
	},
	firstRun: {
		title: 'Tạo quản trị viên đầu tiên',
		lead: 'Đường dẫn này chỉ dùng được một lần. Người tạo tài khoản này quản trị toàn hệ thống.',
		login: 'Tên đăng nhập',
		loginHint: 'Chữ thường, số, dấu chấm; ví dụ nguyen.van.a',
		loginBad: 'Tên đăng nhập dài ít nhất 3 ký tự, không có khoảng trắng.',
		name: 'Họ và tên',
		submit: 'Tạo tài khoản',
		noToken: 'Đường dẫn thiếu mã. Anh/chị mở lại đúng đường dẫn mà máy chủ in ra khi khởi động lần đầu.'
	},
	invitation: {
		title: 'Nhận tài khoản',
		lead: 'Anh/chị đặt mật khẩu, rồi gắn ứng dụng xác thực.',
		submit: 'Đặt mật khẩu',
		noToken: 'Đường dẫn thiếu mã. Anh/chị mở lại đúng đường dẫn đã nhận, hoặc xin người quản trị đường dẫn mới.'
	},
	password: {
		label: 'Mật khẩu mới',
		hint: 'Ít nhất 12 ký tự. Một câu dễ nhớ tốt hơn vài ký tự lạ.',
		repeat: 'Nhập lại mật khẩu',
		short: 'Mật khẩu cần ít nhất 12 ký tự.',
		differs: 'Hai lần nhập chưa giống nhau.'
	},
	badge: {
		title: 'Đăng nhập bằng thẻ nhân viên',
		device: (label: string) => `Thiết bị: ${label}`,
		badge: 'Mã trên thẻ nhân viên',
		badgeHint: 'Quét thẻ bằng máy quét hoặc máy ảnh, hoặc gõ mã in trên thẻ',
		pin: 'Mã PIN',
		pinBad: 'Mã PIN gồm 4 đến 8 chữ số.',
		noDevice: 'Thiết bị này chưa được đăng ký',
		noDeviceLead: 'Trưởng điểm hoặc người quản trị cấp cho anh/chị một mã đăng ký thiết bị. Mỗi máy chỉ làm một lần.',
		enrol: 'Đăng ký thiết bị',
		noCrypto: 'Trình duyệt này không giữ được khóa an toàn. Cần mở trang bằng địa chỉ https và trình duyệt mới hơn.'
	},
	enrol: {
		title: 'Đăng ký thiết bị',
		lead: 'Máy này tạo một khóa riêng và giữ ở trong máy, không ai chép ra được. Máy chủ chỉ nhận phần khóa công khai.',
		code: 'Mã đăng ký thiết bị',
		codeHint: 'Trưởng điểm hoặc người quản trị đọc cho anh/chị',
		submit: 'Đăng ký máy này',
		done: 'Máy đã được đăng ký.',
		doneLead: 'Bây giờ mỗi nhân viên đăng nhập bằng thẻ và mã PIN của mình.',
		toBadge: 'Đăng nhập bằng thẻ nhân viên',
		already: (label: string) => `Máy này đã đăng ký với tên “${label}”. Đăng ký lại sẽ thay khóa cũ.`
	}
};
