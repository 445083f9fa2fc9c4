// Why: each reason has one colour, one word for machines and one line for the officer. The same table as the
// Rust crate's (contract/pass-vectors/reasons.json); a test holds the two together.

export type Verdict = 'green' | 'amber' | 'red';

export const REASONS = {
	valid: {
		verdict: 'green',
		vi: 'Hợp lệ. Đối chiếu tên và giấy tờ, cho qua.',
		en: 'Valid. Compare name and papers, let pass.'
	},
	'clock-untrusted': {
		verdict: 'amber',
		vi: 'Chữ ký đúng, nhưng giờ của máy chưa chắc. Chỉnh giờ rồi quét lại.',
		en: 'Valid, but this device\'s clock is in doubt. Set the clock and scan again.'
	},
	'trust-list-stale': {
		verdict: 'amber',
		vi: 'Chữ ký đúng, nhưng danh sách khóa đã cũ. Nối mạng rồi quét lại, hoặc kiểm tra bằng tay.',
		en: 'Valid, but the key list is old. Connect and scan again, or check by hand.'
	},
	'revocation-list-stale': {
		verdict: 'amber',
		vi: 'Chữ ký đúng, nhưng danh sách thu hồi đã cũ. Nối mạng rồi quét lại, hoặc kiểm tra bằng tay.',
		en: 'Valid, but the revocation list is old. Connect and scan again, or check by hand.'
	},
	'not-yet-valid': {
		verdict: 'amber',
		vi: 'Chưa có hiệu lực. Xem lại giờ; hỏi giấy đang có hiệu lực.',
		en: 'Not valid yet. Check the clock; ask for the pass in force.'
	},
	scope: {
		verdict: 'amber',
		vi: 'Hợp lệ, nhưng không dùng cho mục đích này. Hỏi mục đích đi lại.',
		en: 'Valid, but not for this purpose. Ask the purpose of the journey.'
	},
	area: {
		verdict: 'amber',
		vi: 'Hợp lệ, nhưng không dùng cho khu vực này. Hỏi nơi đến.',
		en: 'Valid, but not in this area. Ask where the journey goes.'
	},
	'rule-ask': {
		verdict: 'amber',
		vi: 'Hợp lệ, nhưng chốt này yêu cầu thêm. Kiểm tra bằng tay.',
		en: 'Valid, but a rule of this checkpoint asks for more. Check by hand.'
	},
	'unknown-key-stale-list': {
		verdict: 'amber',
		vi: 'Khóa ký chưa có trong máy. Nối mạng rồi quét lại.',
		en: 'Signed by a key this device does not know yet. Connect and scan again.'
	},
	appointment: {
		verdict: 'amber',
		vi: 'Đây là mã lịch hẹn, không phải giấy đi đường. Hỏi mã giấy đi đường.',
		en: 'This is an appointment, not a pass. Ask for the pass code.'
	},
	malformed: {
		verdict: 'red',
		vi: 'Không phải giấy đi đường. Hỏi mã gốc.',
		en: 'Not a pass. Ask for the original code.'
	},
	algorithm: {
		verdict: 'red',
		vi: 'Giả mạo: cách ký không nơi cấp nào dùng. Không chấp nhận.',
		en: 'Forged: signed in a way no issuer uses. Do not accept.'
	},
	'unknown-key': {
		verdict: 'red',
		vi: 'Không do nơi cấp được tin cậy ký. Không chấp nhận.',
		en: 'Not signed by a trusted issuer. Do not accept.'
	},
	'key-revoked': {
		verdict: 'red',
		vi: 'Khóa của nơi cấp đã bị thu hồi. Không chấp nhận; cần cấp lại.',
		en: 'The issuer\'s key was withdrawn. Do not accept; the holder needs a new pass.'
	},
	'key-usage': {
		verdict: 'red',
		vi: 'Khóa không được phép ký loại này. Không chấp nhận.',
		en: 'The key may not sign this. Do not accept.'
	},
	'issuer-mismatch': {
		verdict: 'red',
		vi: 'Nơi cấp và khóa không khớp. Không chấp nhận.',
		en: 'Issuer and key do not belong together. Do not accept.'
	},
	'bad-signature': {
		verdict: 'red',
		vi: 'Bị sửa hoặc giả mạo. Không chấp nhận.',
		en: 'Altered or forged. Do not accept.'
	},
	'key-expired': {
		verdict: 'red',
		vi: 'Ký ngoài thời hạn của khóa. Không chấp nhận.',
		en: 'Signed outside the validity of the issuer\'s key. Do not accept.'
	},
	schema: {
		verdict: 'red',
		vi: 'Chứng nhận thiếu hoặc sai nội dung. Không chấp nhận.',
		en: 'The certificate is incomplete or wrong. Do not accept.'
	},
	expired: {
		verdict: 'red',
		vi: 'Hết hạn. Hỏi giấy mới hơn, hoặc mời đến điểm xét nghiệm.',
		en: 'Expired. Ask for a newer pass, or send to the test site.'
	},
	'too-old': {
		verdict: 'red',
		vi: 'Mẫu đã quá thời hạn của chốt này. Hỏi giấy mới hơn.',
		en: 'The sample is too old for this checkpoint. Ask for a newer pass.'
	},
	revoked: {
		verdict: 'red',
		vi: 'Không còn hợp lệ. Không cho qua; gọi trạm y tế.',
		en: 'Not valid any more. Do not let pass; the holder calls the health station.'
	},
	'rule-not-met': {
		verdict: 'red',
		vi: 'Không đạt quy định của chốt này. Không chấp nhận.',
		en: 'A rule of this checkpoint is not met. Do not accept.'
	}
} as const satisfies Record<string, { verdict: Verdict; vi: string; en: string }>;

export type Reason = keyof typeof REASONS;
