import type { AccountStatus } from '#lib/api/types.ts';
import type { IconName } from '#lib/ui/icons.ts';
import type { Status } from '#lib/ui/status.ts';

export const ACCOUNT_STATUS: Record<AccountStatus, { kind: Status; icon: IconName }> = {
	invited: { kind: 'note', icon: 'clock' },
	active: { kind: 'ok', icon: 'ok' },
	suspended: { kind: 'bad', icon: 'pause' },
	ended: { kind: 'still', icon: 'minus' }
};
