/** The layer at which decoding stopped, outermost first. */
export type Stage = 'prefix' | 'base45' | 'zlib' | 'cose' | 'algorithm' | 'claims';

/** Bytes that are not what they should be: where, and what was expected there. */
export class DecodeError extends Error {
	constructor(
		readonly stage: Stage,
		readonly what: string
	) {
		super(`${stage}: ${what}`);
	}

	/** The same fault seen by an outer layer: CBOR inside the payload is a fault of the claims. */
	at(stage: Stage): DecodeError {
		return new DecodeError(stage, this.what);
	}
}

export const cose = (what: string) => new DecodeError('cose', what);
export const claims = (what: string) => new DecodeError('claims', what);

/** Runs a reader whose faults count as those of another layer. */
export function within<T>(stage: Stage, read: () => T): T {
	try {
		return read();
	} catch (error) {
		throw error instanceof DecodeError ? error.at(stage) : error;
	}
}
