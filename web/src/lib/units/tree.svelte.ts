import { http, ok } from '#lib/api/client.ts';
import { asProblem, type ApiProblem } from '#lib/api/problem.ts';
import type { Unit } from '#lib/api/types.ts';

const PAGE = 200;

export interface Figure {
	persons: number;
	households: number;
}

/** One unit in the tree; its children are fetched when it is first opened. */
export class TreeNode {
	open = $state(false);
	busy = $state(false);
	children = $state.raw<TreeNode[] | null>(null);
	problem = $state.raw<ApiProblem | null>(null);
	figure = $state.raw<Figure | null>(null);

	constructor(
		readonly unit: Unit,
		readonly depth: number,
		readonly parent: TreeNode | null
	) {}

	get leaf(): boolean {
		return this.unit.child_count === 0;
	}
}

/** The units of one day as a tree that opens step by step. */
export class UnitTree {
	roots = $state.raw<TreeNode[]>([]);
	busy = $state(true);
	problem = $state.raw<ApiProblem | null>(null);

	constructor(
		readonly on: string,
		readonly signal: AbortSignal
	) {}

	async start(): Promise<void> {
		this.busy = true;
		this.problem = null;
		try {
			this.roots = (await this.#units({ level: 'province' })).map((unit) => new TreeNode(unit, 0, null));
			await Promise.all(
				this.roots.map(async (root) => {
					root.figure = await this.#figures(root.unit.id);
					await this.toggle(root, true);
				})
			);
		} catch (thrown) {
			this.problem = asProblem(thrown);
		} finally {
			this.busy = false;
		}
	}

	async toggle(node: TreeNode, open = !node.open): Promise<void> {
		if (node.leaf) return;
		node.open = open;
		if (!open || node.children || node.busy) return;
		node.busy = true;
		node.problem = null;
		try {
			const [units, figures] = await Promise.all([
				this.#units({ parent: node.unit.id }),
				ok(http.GET('/api/v1/units/{id}/figures', { params: { path: { id: node.unit.id }, query: { on: this.on } }, signal: this.signal }))
			]);
			const byId = new Map(figures.children.map((c) => [c.unit.id, c]));
			node.children = units.map((unit) => {
				const child = new TreeNode(unit, node.depth + 1, node);
				child.figure = byId.get(unit.id) ?? null;
				return child;
			});
		} catch (thrown) {
			node.problem = asProblem(thrown);
			node.open = false;
		} finally {
			node.busy = false;
		}
	}

	/** The rows now visible, in reading order. */
	get rows(): TreeNode[] {
		const out: TreeNode[] = [];
		const walk = (nodes: TreeNode[]) => {
			for (const node of nodes) {
				out.push(node);
				if (node.open && node.children) walk(node.children);
			}
		};
		walk(this.roots);
		return out;
	}

	async #figures(id: number): Promise<Figure> {
		return ok(http.GET('/api/v1/units/{id}/figures', { params: { path: { id }, query: { on: this.on } }, signal: this.signal }));
	}

	/** All pages: a unit has at most some two hundred children, and half a tree would mislead. */
	async #units(filter: { level: 'province' } | { parent: number }): Promise<Unit[]> {
		const all: Unit[] = [];
		let after: string | undefined;
		do {
			const query = { ...filter, on: this.on, limit: PAGE, ...(after ? { after } : {}) };
			const page = await ok(http.GET('/api/v1/units', { params: { query }, signal: this.signal }));
			all.push(...page.items);
			after = page.next ?? undefined;
		} while (after);
		return all;
	}
}
