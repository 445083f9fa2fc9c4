import { t } from '#lib/i18n/index.ts';
import type { Problem } from './types';

/** An RFC 9457 answer of the server, or the lack of one (`offline`). */
export class ApiProblem extends Error {
	constructor(readonly problem: Problem) {
		super(problem.detail || problem.title);
		this.name = 'ApiProblem';
	}
	/** The stable word at the end of `urn:greenfort:problem:CODE`. */
	get code(): string {
		return this.problem.type.slice(this.problem.type.lastIndexOf(':') + 1);
	}
	get status(): number {
		return this.problem.status;
	}
	/** The message for one field, to stand beside it. */
	field(name: string): string | undefined {
		return this.problem.errors?.find((e) => e.field === name || e.field.endsWith(`.${name}`))?.message;
	}
}

const isProblem = (body: unknown): body is Problem =>
	typeof body === 'object' && body !== null && 'type' in body && 'title' in body && 'status' in body;

/** A proxy may answer with a page of its own: then we say what we know in our own words. */
export function problemOf(status: number, body: unknown): ApiProblem {
	if (isProblem(body)) return new ApiProblem(body);
	const m = t().problem;
	if (status === 502 || status === 503 || status === 504) return unreachable();
	return new ApiProblem({ type: 'urn:greenfort:problem:unknown', title: m.unknownTitle, status, detail: m.unknown(status) });
}

export function unreachable(): ApiProblem {
	const m = t().problem;
	return new ApiProblem({ type: 'urn:greenfort:problem:offline', title: m.offlineTitle, status: 0, detail: m.offline });
}

/** Whatever was thrown, as something that can be shown. */
export function asProblem(thrown: unknown): ApiProblem {
	return thrown instanceof ApiProblem ? thrown : problemOf(0, null);
}
