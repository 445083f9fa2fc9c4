// What a phone keeps through a shift, in IndexedDB: three stores. `kept`: one value a name, nothing of anybody in the open.
// `outbox`: events sealed to the server until it says that they have arrived. `journal`: the same events for this phone's own
// eyes, encrypted under the key of the shift, gone when the phone is wiped.

const DB = 'greenfort-field';

export interface OutboxRow {
	seq: number;
	id: string;
	round: string;
	/** Sealed to the server: this phone cannot read it again. */
	sealed: string;
	/** Why the server did not take it; it stays here until somebody has looked. */
	refused?: string;
}
/** AES-GCM under the key of the shift. */
export interface Locked {
	iv: Uint8Array<ArrayBuffer>;
	data: ArrayBuffer;
}
export interface JournalRow extends Locked {
	seq: number;
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
	return new Promise((resolve, reject) => {
		request.onsuccess = () => resolve(request.result);
		request.onerror = () => reject(request.error ?? new Error('IndexedDB refused'));
	});
}

let opened: Promise<IDBDatabase> | undefined;
function db(): Promise<IDBDatabase> {
	return (opened ??= (() => {
		const open = indexedDB.open(DB, 1);
		open.onupgradeneeded = () => {
			open.result.createObjectStore('kept');
			open.result.createObjectStore('outbox', { keyPath: 'seq' });
			open.result.createObjectStore('journal', { keyPath: 'seq' });
		};
		return settled(open);
	})());
}

type Store = 'kept' | 'outbox' | 'journal';

/** Everything inside happens or nothing does; `act` must not wait for anything else. */
async function within(mode: IDBTransactionMode, stores: Store[], act: (store: (name: Store) => IDBObjectStore) => void): Promise<void> {
	const tx = (await db()).transaction(stores, mode, { durability: 'strict' });
	act((name) => tx.objectStore(name));
	return new Promise((resolve, reject) => {
		tx.oncomplete = () => resolve();
		tx.onabort = () => reject(tx.error ?? new Error('IndexedDB refused'));
	});
}

export async function kept<T>(name: string): Promise<T | undefined> {
	return settled<T | undefined>((await db()).transaction('kept').objectStore('kept').get(name));
}
export const keep = (name: string, value: unknown) => within('readwrite', ['kept'], (s) => s('kept').put(value, name));
export async function outbox(): Promise<OutboxRow[]> {
	return settled<OutboxRow[]>((await db()).transaction('outbox').objectStore('outbox').getAll());
}
export async function journal(): Promise<JournalRow[]> {
	return settled<JournalRow[]>((await db()).transaction('journal').objectStore('journal').getAll());
}

/** Writes an event into both, under the number after the last. False when another window was quicker: number it again. */
export async function write(row: OutboxRow, line: Locked): Promise<boolean> {
	let first = true;
	await within('readwrite', ['kept', 'outbox', 'journal'], (s) => {
		const last = s('kept').get('seq');
		last.onsuccess = () => {
			first = ((last.result as number | undefined) ?? 0) + 1 === row.seq;
			if (!first) return;
			s('kept').put(row.seq, 'seq');
			s('outbox').put(row);
			s('journal').put({ ...line, seq: row.seq });
		};
	});
	return first;
}

export const replaceLine = (line: JournalRow) => within('readwrite', ['journal'], (s) => s('journal').put(line));
export const dropLine = (seq: number) => within('readwrite', ['journal'], (s) => s('journal').delete(seq));

/** Takes out of the outbox what has arrived, and notes beside the rest why it was refused. */
export const arrived = (seqs: number[], refused: OutboxRow[]) =>
	within('readwrite', ['outbox'], (s) => {
		for (const seq of seqs) s('outbox').delete(seq);
		for (const row of refused) s('outbox').put(row);
	});

/** Forgets everybody. The outbox stays: only the server can open it. */
export const wipe = (state: unknown) =>
	within('readwrite', ['kept', 'journal'], (s) => {
		s('kept').delete('register');
		s('kept').put(state, 'shift');
		s('journal').clear();
	});
