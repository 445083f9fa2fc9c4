import { http, full } from './api/client';
import { asProblem } from './api/problem';
import type { Role, Session } from './api/types';

/** Who is signed in. `undefined` until asked, `null` when nobody is. */
class SessionState {
	current = $state.raw<Session | null | undefined>(undefined);

	/** Asks the server once; later callers get the same answer. */
	async ensure(): Promise<Session | null> {
		if (this.current !== undefined) return this.current;
		try {
			this.current = (await full(http.GET('/api/v1/session'))).data;
		} catch (thrown) {
			const problem = asProblem(thrown);
			if (problem.status !== 401) throw problem;
			this.current = null;
		}
		return this.current;
	}

	set(session: Session): void {
		this.current = session;
	}

	/** The server has ended it. */
	forget(): void {
		this.current = null;
	}

	async signOut(): Promise<void> {
		await full(http.DELETE('/api/v1/session'));
		this.forget();
	}

	get roles(): Role[] {
		return [...new Set(this.current?.grants.map((g) => g.role) ?? [])];
	}

	has(...roles: Role[]): boolean {
		return this.roles.some((role) => roles.includes(role));
	}
}

export const session = new SessionState();
