// The pass verifier for phones: GF1 and HC1, offline, on WebCrypto. Load it with `import('#lib/pass')`, so that no page
// that verifies nothing carries it. What it decides is held to contract/pass-vectors, like the Rust crate.
export { fromBase64, hex, type Bytes } from './bytes.ts';
export { evaluate, RuleError, type Json } from './certlogic.ts';
export { claimsToJson, scopeNames, type Claims } from './claims.ts';
export { groupOf, readDcc, type Dcc, type Group } from './dcc.ts';
export { DecodeError, type Stage } from './errors.ts';
export { policyOf, type MaxAge, type Policy, type Rule } from './policy.ts';
export { REASONS, type Reason, type Verdict } from './reasons.ts';
export { RevocationList, type Section } from './revoke.ts';
export { ListError, TrustList, rootOf, type ListFault, type Root } from './trust.ts';
export { peekPass, verify, type Assessment, type Checkpoint, type Clock, type Credential } from './verify.ts';
