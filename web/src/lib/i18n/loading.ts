import { number } from '../format';
import { i18n } from './index';

// Words of what loads, a demonstration above all. Apart from the catalogue: a citizen's page downloads them only where something loads.
interface Words {
	title: string;
	progress: (done: number, total: number) => string;
	note: string;
	steps: Record<string, string>;
	/** On the page where a demonstration's role is chosen. */
	roles: { lead: string; waiting: string };
}
export const LOADING: Record<'vi' | 'en', Words> = {
	vi: {
		title: 'Đang nạp dữ liệu của tỉnh',
		progress: (done: number, total: number) => `${number(done, 'vi')} / ${number(total, 'vi')}`,
		note: 'Số liệu chưa đủ cho tới khi nạp xong.',
		steps: {
			units: 'Đơn vị hành chính',
			households: 'Hộ gia đình',
			people: 'Người dân',
			organisations: 'Tổ chức, doanh nghiệp',
			groups: 'Nhóm cư dân',
			vehicles: 'Xe và tài xế',
			'search index': 'Lập mục lục tìm kiếm',
			figures: 'Cộng số liệu'
		},
		roles: {
			lead: 'Đây là bản trình diễn. Chọn một vai để coi màn hình của vai đó, không cần mật khẩu.',
			waiting: 'Nạp xong thì các vai tự hiện ra ở đây, chừng ba phút sau lần chạy đầu tiên.'
		}
	},
	en: {
		title: 'Loading the data of the province',
		progress: (done, total) => `${number(done, 'en')} / ${number(total, 'en')}`,
		note: 'Figures are incomplete until this has finished.',
		steps: {
			units: 'Administrative units',
			households: 'Households',
			people: 'People',
			organisations: 'Organisations',
			groups: 'Resident groups',
			vehicles: 'Vehicles and drivers',
			'search index': 'Building the search index',
			figures: 'Adding up the figures'
		},
		roles: {
			lead: 'This is a demonstration. Choose a role to see its screens; no password is needed.',
			waiting: 'The roles appear here by themselves when it is done, about three minutes after the first start.'
		}
	}
};

export const loading = (): Words => LOADING[i18n.lang];
