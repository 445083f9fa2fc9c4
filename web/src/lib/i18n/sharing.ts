import { i18n } from './index';

// Words of the page on which a head of household shares the household. Apart from the catalogue: citizens download them with that page.
interface Words {
	open: string;
	title: (initials: string) => string;
	lead: string;
	who: string;
	own: string;
	phone: string;
	card: string;
	relations: Record<string, string>;
	since: (when: string) => string;
	station: string;
	end: string;
	sure: string;
	ended: string;
	share: string;
	number: string;
	numberHint: string;
	relation: string;
	submit: string;
	shared: (number: string) => string;
	never: string;
}
export const SHARING: Record<'vi' | 'en', Words> = {
	vi: {
		open: 'Cho người thân cùng xem',
		title: (initials) => `Ai xem được ${initials}`,
		lead: 'Chủ hộ hoặc người giám hộ cho một điện thoại khác trong nhà xem kết quả và mã QR của người này.',
		who: 'Đang xem được',
		own: 'Điện thoại của anh/chị',
		phone: 'Điện thoại',
		card: 'Thẻ giấy',
		relations: { self: 'của chính người này', household_head: 'của chủ hộ', guardian: 'của người giám hộ', family: 'của người trong hộ' },
		since: (when) => `từ ${when}`,
		station: 'Trạm y tế xã đã liên kết. Muốn bỏ, anh/chị báo trạm.',
		end: 'Không cho xem nữa',
		sure: 'Bấm lần nữa để bỏ',
		ended: 'Điện thoại đó không xem được nữa.',
		share: 'Thêm một điện thoại',
		number: 'Số điện thoại của người thân',
		numberHint: 'Số di động 10 chữ số. Người thân đăng nhập bằng số này là thấy.',
		relation: 'Điện thoại này là của ai?',
		submit: 'Cho số này xem',
		shared: (number) => `Số ${number} xem được từ lần đăng nhập tới.`,
		never: 'Chỉ cho số của người nhà. Cho nhầm số thì bỏ ngay trong danh sách ở trên.'
	},
	en: {
		open: 'Share with the family',
		title: (initials) => `Who sees ${initials}`,
		lead: 'The head of the household or the guardian lets another phone of the family see the results and the QR code of this person.',
		who: 'See this person now',
		own: 'Your phone',
		phone: 'A phone',
		card: 'A printed card',
		relations: { self: 'of this very person', household_head: 'of the head of the household', guardian: 'of the guardian', family: 'of somebody of the household' },
		since: (when) => `since ${when}`,
		station: 'Linked by the health station. Ask the station to end it.',
		end: 'Stop sharing',
		sure: 'Press again to stop',
		ended: 'That phone no longer sees this person.',
		share: 'Add a phone',
		number: 'Phone number of the relative',
		numberHint: 'A mobile number of ten digits. Who signs in with it sees this person.',
		relation: 'Whose phone is it?',
		submit: 'Share with this number',
		shared: (number) => `${number} sees this person from the next sign-in.`,
		never: 'Numbers of the family only. After a wrong number, stop it at once in the list above.'
	}
};

export const sharing = (): Words => SHARING[i18n.lang];
