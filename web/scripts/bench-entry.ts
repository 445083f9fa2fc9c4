// What the benchmarks call: the verifier, and the pieces that take a token apart for bare WebCrypto.
export * from '../src/lib/pass/index.ts';
export { decodeBase45 } from '../src/lib/pass/base45.ts';
export { readSign1, toBeSigned } from '../src/lib/pass/cose.ts';
export { PublicKey } from '../src/lib/pass/keys.ts';
