export type TargetKind = 'person' | 'household' | 'part' | 'place';

/** Somebody or some place that a decision names. */
export interface Target {
	kind: TargetKind;
	id: string;
	name: string;
}

/** The lists of the request, by kind. */
export const targetsBody = (targets: readonly Target[]) => {
	const of = (kind: TargetKind) => targets.filter((t) => t.kind === kind).map((t) => t.id);
	return { persons: of('person'), households: of('household'), parts: of('part'), places: of('place').map(Number) };
};
