import { asProblem, type ApiProblem } from './api/problem';
import { t } from './i18n';

/** One form: its own checks, the server's answer by field, and busy-ness. What was typed is never thrown away. */
export class Form<F extends string> {
	errors = $state.raw<Partial<Record<F, string | undefined>>>({});
	problem = $state.raw<ApiProblem | null>(null);
	busy = $state(false);
	#key = crypto.randomUUID();

	/** `check` returns the fields that are wrong; `act` runs only when none is. True when it succeeded. */
	async submit(check: () => Partial<Record<F, string | undefined>>, act: () => Promise<void>): Promise<boolean> {
		if (this.busy) return false;
		this.problem = null;
		this.errors = Object.fromEntries(Object.entries(check()).filter(([, message]) => message)) as Partial<Record<F, string>>;
		if (Object.keys(this.errors).length > 0) {
			focusFirstError();
			return false;
		}
		this.busy = true;
		try {
			await act();
			this.#key = crypto.randomUUID();
			return true;
		} catch (thrown) {
			this.problem = asProblem(thrown);
			const byField: Record<string, string> = {};
			for (const e of this.problem.problem.errors ?? []) byField[e.field.replace(/^.*\./, '')] ??= e.message;
			this.errors = byField as Partial<Record<F, string>>;
			// A refusal is final for this key; only silence may be repeated under the same one.
			if (this.problem.status !== 0) this.#key = crypto.randomUUID();
			focusFirstError();
			return false;
		} finally {
			this.busy = false;
		}
	}

	/** The same for every repetition of one submit, so that a lost answer does not act twice. */
	get headers(): Record<string, string> {
		return { 'Idempotency-Key': this.#key };
	}
}

export const filled = (value: string): string | undefined => (value.trim() === '' ? t().common.required : undefined);

function focusFirstError(): void {
	requestAnimationFrame(() => document.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
}
