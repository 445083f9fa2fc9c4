// The verdict: green, amber or red, with a reason and one line that tells the officer what to do. It fails closed,
// needs no network, and its work is bounded by the length of the token. The order of the checks is that of
// docs/pass-format.md: red before amber, since what is certain is said before what is in doubt.
import { decodeBase45 } from './base45.ts';
import { evaluate, RuleError, type Json } from './certlogic.ts';
import { claimsToJson, readClaims, type Claims } from './claims.ts';
import { ES256, PS256, readSign1, toBeSigned } from './cose.ts';
import { DCC_PREFIX, groupOf, readDcc, revocationHashes, verifiesDcc, type Dcc } from './dcc.ts';
import { DecodeError } from './errors.ts';
import { Moment } from './moment.ts';
import { covers, maxAge, requiredScopes, type Policy, type Rule } from './policy.ts';
import { REASONS, type Reason, type Verdict } from './reasons.ts';
import type { RevocationList } from './revoke.ts';
import { schemaFault } from './schema.ts';
import { Usage, type TrustList, type TrustedKey } from './trust.ts';

const PREFIX = 'GF1:';
/** No pass is longer: a vehicle with four drivers stays under it. */
const MAX_CHARS = 1024;

/** What the verifier knows of the time. */
export interface Clock {
	/** UTC seconds. */
	now: number;
	/** Whether the device believes it: set from a network, not run backwards since. */
	trusted: boolean;
}

/** Everything a verdict depends on but the token. Without a revocation list verdicts are amber as with an old one. */
export interface Checkpoint {
	trust: TrustList;
	revocations: RevocationList | null;
	policy: Policy;
	clock: Clock;
}

/** What was read. */
export type Credential = { kind: 'pass'; claims: Claims } | { kind: 'certificate'; certificate: Dcc };

export interface Assessment {
	verdict: Verdict;
	reason: Reason;
	/** For the log: the fault in the bytes, or the rule that is not met. */
	detail: string | null;
	/** Present only when the signature is good: forged names are not shown. */
	credential: Credential | null;
}

type Judged = [reason: Reason, detail?: string | null];

function assessment([reason, detail = null]: Judged, credential: Credential | null = null): Assessment {
	return { verdict: REASONS[reason].verdict, reason, detail, credential };
}

/** The verdict on what was scanned. Only line ends are cut off: spaces belong to base45. */
export async function verify(scanned: string, at: Checkpoint): Promise<Assessment> {
	const token = scanned.replace(/[\r\n]+$/, '');
	if (at.policy.appointment_prefixes.some((p) => p !== '' && token.startsWith(p))) return assessment(['appointment']);
	try {
		return await (token.startsWith(DCC_PREFIX) && at.policy.accept_dcc ? certificate(token, at) : pass(token, at));
	} catch (error) {
		if (!(error instanceof DecodeError)) throw error;
		return assessment([error.stage === 'algorithm' ? 'algorithm' : 'malformed', error.message]);
	}
}

/** A token without its signature verified: for display in tools only; whoever decides something asks `verify`. */
export function peekPass(token: string): { kid: string; claims: Claims } {
	const { kid, payload } = readSign1(messageOf(token));
	return { kid, claims: readClaims(payload) };
}

function messageOf(token: string) {
	if (!token.startsWith(PREFIX)) throw new DecodeError('prefix', 'no GF1: in front');
	if (token.length > MAX_CHARS) throw new DecodeError('prefix', 'longer than any pass');
	return decodeBase45(token.slice(PREFIX.length));
}

async function pass(token: string, at: Checkpoint): Promise<Assessment> {
	const message = readSign1(messageOf(token));
	const claims = readClaims(message.payload);
	const signed = toBeSigned(message.protected, new Uint8Array(), message.payload);
	const key = await signer(at, message.kid, (k) => k.key.verifies(signed, message.signature));
	if (typeof key === 'string') return assessment([key]);
	return assessment(judgePass(claims, key, at), { kind: 'pass', claims });
}

function judgePass(claims: Claims, key: TrustedKey, at: Checkpoint): Judged {
	const { policy, revocations, clock } = at;
	const ended = (end: number) => clock.now >= end + policy.clock_tolerance_s;
	if (key.revoked) return ['key-revoked'];
	if (!(key.usage & Usage.PASS)) return ['key-usage'];
	if (key.issuer !== claims.issuer) return ['issuer-mismatch'];
	if (claims.issued < key.notBefore || clock.now >= key.notAfter) return ['key-expired'];
	if (ended(claims.expires)) return ['expired'];
	const age = maxAge(policy, claims);
	if (age !== null && ended(claims.sampled + age)) return ['too-old'];
	if (revocations?.revokes(claims)) return ['revoked'];
	const broken = brokenRule(at, 'pass', () => claimsToJson(claims));
	if (broken?.severity === 'red') return ['rule-not-met', broken.id];
	const doubt = doubtOf(at, claims.issued);
	if (doubt) return [doubt];
	const scopes = requiredScopes(policy);
	if (scopes === null || (claims.scopes & scopes) !== scopes) return ['scope'];
	if (!covers(policy, claims)) return ['area'];
	return broken ? ['rule-ask', broken.id] : ['valid'];
}

async function certificate(token: string, at: Checkpoint): Promise<Assessment> {
	const dcc = readDcc(token);
	const { algorithm, kid } = dcc.message;
	if (algorithm !== ES256 && algorithm !== PS256) return assessment(['algorithm']);
	if (kid === null) return assessment(['unknown-key']);
	const key = await signer(at, kid, (k) => verifiesDcc(dcc, k.key));
	if (typeof key === 'string') return assessment([key]);
	return assessment(await judgeCertificate(dcc, key, at), { kind: 'certificate', certificate: dcc });
}

async function judgeCertificate(dcc: Dcc, key: TrustedKey, at: Checkpoint): Promise<Judged> {
	const { policy, revocations, clock } = at;
	if (key.revoked) return ['key-revoked'];
	const fault = schemaFault(dcc.payload);
	if (fault) return ['schema', fault];
	const about = groupOf(dcc);
	if (!about || dcc.expires === null) return ['schema', 'no expiry'];
	if (!(key.usage & about.usage)) return ['key-usage'];
	if (clock.now < key.notBefore || clock.now >= key.notAfter) return ['key-expired'];
	if (clock.now >= dcc.expires + policy.clock_tolerance_s) return ['expired'];
	if (revocations && (await revocationHashes(dcc)).some(([section, hash]) => revocations.contains(section, hash))) return ['revoked'];
	const broken = brokenRule(at, 'dcc', () => dcc.payload);
	if (broken?.severity === 'red') return ['rule-not-met', broken.id];
	const doubt = doubtOf(at, dcc.issued);
	if (doubt) return [doubt];
	return broken ? ['rule-ask', broken.id] : ['valid'];
}

/**
 * The key of this name whose signature it is. A name without a key is red on a fresh list; on an old one the key may
 * simply be new.
 */
async function signer(at: Checkpoint, kid: string, signedBy: (key: TrustedKey) => Promise<boolean>): Promise<TrustedKey | Reason> {
	const keys = at.trust.withKid(kid);
	for (const key of keys) if (await signedBy(key)) return key;
	if (keys.length > 0) return 'bad-signature';
	return at.clock.now >= at.trust.issued + at.policy.trust_max_age_s ? 'unknown-key-stale-list' : 'unknown-key';
}

/** What makes a good pass amber before its contents are asked about. */
function doubtOf({ trust, revocations, policy, clock }: Checkpoint, issued: number | null): Reason | null {
	const horizon = clock.now + policy.clock_tolerance_s;
	// A list from the future was signed by a clock that is right: ours is not.
	if (!clock.trusted || trust.issued > horizon || (revocations && revocations.issued > horizon)) return 'clock-untrusted';
	if (clock.now >= trust.issued + policy.trust_max_age_s) return 'trust-list-stale';
	if (!revocations || clock.now >= revocations.issued + policy.revocation_max_age_s) return 'revocation-list-stale';
	return issued !== null && issued > horizon ? 'not-yet-valid' : null;
}

/** The gravest rule that is not met. */
function brokenRule({ policy, clock }: Checkpoint, subject: Rule['subject'], payload: () => Json): Rule | null {
	const rules = policy.rules.filter((rule) => rule.subject === subject);
	if (rules.length === 0) return null;
	const external = {
		validationClock: new Moment(clock.now * 1000).iso(),
		valueSets: policy.value_sets,
		scopes: policy.scopes,
		place: policy.place
	};
	const data = { payload: payload(), external };
	const broken = rules.filter((rule) => !isMet(rule, data));
	return broken.find((rule) => rule.severity === 'red') ?? broken[0] ?? null;
}

function isMet(rule: Rule, data: Json): boolean {
	try {
		return evaluate(rule.logic, data) === true;
	} catch (error) {
		if (error instanceof RuleError) return false;
		throw error;
	}
}
