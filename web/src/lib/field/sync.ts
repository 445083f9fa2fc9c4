// One upload: signed with the key of the device, sent without a session, safe to repeat.

import { i18n } from '#lib/i18n/index.ts';
import { ApiProblem, problemOf } from '#lib/api/problem.ts';
import type { UploadAnswer } from '#lib/api/types.ts';
import { sign, type EnrolledDevice } from '#lib/device.ts';
import type { OutboxRow } from './store.ts';

/** Events to a request: small enough for a bad network to carry at once. */
const AT_ONCE = 100;

export interface Answer {
	seq: number;
	problems: string[];
}
export type Sent =
	| { is: 'offline' }
	/** The device was revoked: nothing of anybody may stay on it. */
	| { is: 'untrusted' }
	| { is: 'refused'; problem: ApiProblem }
	/** Rows that do not read, with the server's words: put aside, so that the rest gets through. */
	| { is: 'put aside'; refused: OutboxRow[] }
	| {
			is: 'taken';
			answers: Answer[];
			/** Rows the server did not take, with its word. */
			refused: OutboxRow[];
			/** The server's clock, milliseconds, and how far it is from this phone's. */
			now: number;
			offset: number;
			/** How many rows are still to be sent. */
			rest: number;
	  };

/** Sends the first rows of one round. With none it is a sign of life. `handIn`: a struck-off device hands in what it holds, and the
    session of whoever is signed in answers for it. */
export async function send(device: EnrolledDevice, rows: OutboxRow[], round: string, clock: () => number, handIn = false): Promise<Sent> {
	const of = rows[0]?.round ?? round;
	const part = rows.filter((row) => row.round === of).slice(0, AT_ONCE);
	const before = clock();
	const body = JSON.stringify({ sent_at: new Date(before).toISOString(), events: part.map((row) => row.sealed) });
	let response: Response;
	try {
		response = await fetch(`/api/v1/rounds/${of}/${handIn ? 'hand-in' : 'intake'}`, {
			method: 'POST',
			headers: {
				Accept: 'application/json',
				'Accept-Language': i18n.lang,
				'Content-Type': 'application/json',
				'X-Greenfort': '1',
				'Greenfort-Device': device.id,
				'Greenfort-Signature': await sign(device.key, body)
			},
			body,
			credentials: handIn ? 'same-origin' : 'omit'
		});
	} catch {
		return { is: 'offline' };
	}
	const after = clock();
	const answer: unknown = await response.json().catch(() => null);
	if (!response.ok) return notTaken(problemOf(response.status, answer), part);
	const { events, now } = answer as UploadAnswer;
	const bySeq = new Map(part.map((row) => [row.id, row]));
	const answers: Answer[] = [];
	const refused: OutboxRow[] = [];
	for (const { id, how, problems } of events) {
		const row = bySeq.get(id);
		if (!row) continue;
		if (how === 'clash') refused.push({ ...row, refused: how });
		else answers.push({ seq: row.seq, problems });
	}
	// The answer was made about half way between asking and hearing.
	const offset = Date.parse(now) - (before + after) / 2;
	return { is: 'taken', answers, refused, now: Date.parse(now), offset, rest: rows.length - part.length };
}

function notTaken(problem: ApiProblem, part: OutboxRow[]): Sent {
	if (problem.status === 0) return { is: 'offline' };
	if (problem.status === 401 && problem.code === 'device') return { is: 'untrusted' };
	const named = (problem.problem.errors ?? []).flatMap((e) => {
		const row = part[Number(/^events\[(\d+)\]$/.exec(e.field)?.[1] ?? NaN)];
		return row ? [{ ...row, refused: e.message }] : [];
	});
	return problem.status === 422 && named.length > 0 ? { is: 'put aside', refused: named } : { is: 'refused', problem };
}
