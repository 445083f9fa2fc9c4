// CertLogic 1.x, the language of the DCC business rules. Bounded: an expression may nest 64 deep and take
// 100,000 steps; beyond that it is an error, and an error in a rule means that the rule is not met.
import { Moment, isUnit } from './moment.ts';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Term = Json | Moment;

const DEPTH = 64;
const STEPS = 100_000;
/** What a step costs beside looking at one value, or at 16 characters of text. */
const STEP = 16;

/** Why an expression has no value. */
export class RuleError extends Error {}

/** Evaluates `logic` on `data`; a date-time as the outcome is given as ISO 8601. Throws `RuleError`. */
export function evaluate(logic: Json, data: Json): Json {
	return new Machine().json(logic, data, DEPTH);
}

class Machine {
	private work = STEPS * STEP;

	private spend(cost: number): void {
		if ((this.work -= cost) < 0) throw new RuleError('too many steps');
	}

	/** What is looked at counts as work, or a value that grows in a loop would escape the bounds. */
	private weigh(value: Json, depth: number): void {
		if (depth === 0) throw new RuleError('nested too deep');
		this.spend(1);
		if (typeof value === 'string') this.spend(Math.floor(value.length / 16));
		else if (value !== null && typeof value === 'object') Object.values(value).forEach((item) => this.weigh(item, depth - 1));
	}

	private run(logic: Json, data: Json, depth: number): Term {
		this.spend(STEP);
		if (depth === 0) throw new RuleError('nested too deep');
		if (typeof logic === 'boolean' || typeof logic === 'string') return logic;
		if (typeof logic === 'number') return integer(logic);
		if (logic === null) throw new RuleError('null is no expression');
		if (Array.isArray(logic)) return logic.map((item) => this.json(item, data, depth - 1));
		return this.operation(logic, data, depth - 1);
	}

	json(logic: Json, data: Json, depth: number): Json {
		const term = this.run(logic, data, depth);
		return term instanceof Moment ? term.iso() : term;
	}

	private operation(map: { [key: string]: Json }, data: Json, depth: number): Term {
		const [[operator, operands] = [''], ...others] = Object.entries(map);
		if (operands === undefined || others.length > 0) throw new RuleError('an operation has one operator');
		if (operator === 'var') {
			if (typeof operands !== 'string' && typeof operands !== 'number') throw new RuleError('var takes a path');
			return this.access(data, String(operands));
		}
		if (!Array.isArray(operands)) throw new RuleError('operands stand in an array');
		const [a = null, b = null, c = null] = operands;
		const n = operands.length;
		const int = (logic: Json): number => integer(this.run(logic, data, depth));
		switch (operator) {
			case 'if':
				if (n === 3) return this.run(truthy(this.run(a, data, depth)) ? b : c, data, depth);
				break;
			case 'and':
				if (n >= 2) {
					let term: Term = true;
					for (const operand of operands) if (!truthy((term = this.run(operand, data, depth)))) break;
					return term;
				}
				break;
			case '!':
				if (n === 1) return !truthy(this.run(a, data, depth));
				break;
			case '===':
				if (n === 2) return identical(this.run(a, data, depth), this.run(b, data, depth));
				break;
			case 'in':
				if (n === 2) {
					const item = this.run(a, data, depth);
					const list = this.run(b, data, depth);
					if (!Array.isArray(list)) throw new RuleError('in looks into an array');
					return list.some((other) => identical(item, other));
				}
				break;
			case '+':
				if (n === 2) return integer(int(a) + int(b));
				break;
			case '<':
			case '>':
			case '<=':
			case '>=':
			case 'after':
			case 'before':
			case 'not-after':
			case 'not-before':
				if (n === 2 || n === 3) {
					const terms = operands.map((operand) => this.run(operand, data, depth));
					return ordered(operator, terms.map(comparable(operator, terms)));
				}
				break;
			case 'plusTime':
				if (n === 3) {
					if (!isUnit(c)) throw new RuleError('an unknown time unit');
					const amount = integer(b);
					const text = this.json(a, data, depth);
					// A date of birth may be partial.
					const moment = typeof text === 'string' ? (Moment.parse(text) ?? Moment.parseBirth(text)) : null;
					return moment?.plus(amount, c) ?? fail('no date or date-time, or one out of range');
				}
				break;
			case 'dccDateOfBirth':
				if (n === 1) {
					const text = this.json(a, data, depth);
					return (typeof text === 'string' && Moment.parseBirth(text)) || fail('no date of birth');
				}
				break;
			case 'reduce':
				if (n === 3) return this.reduce(a, b, c, data, depth);
				break;
			case 'extractFromUVCI':
				if (n === 2) {
					const index = integer(b);
					const uvci = this.json(a, data, depth);
					if (uvci !== null && typeof uvci !== 'string') throw new RuleError('a UVCI is a text');
					return uvci === null ? null : (uvci.replace(/^URN:UVCI:/, '').split(/[/#:]/)[index] ?? null);
				}
				break;
		}
		throw new RuleError('an unknown operator, or operands that it does not take');
	}

	private reduce(operand: Json, lambda: Json, initial: Json, data: Json, depth: number): Term {
		const items = this.json(operand, data, depth) ?? [];
		if (!Array.isArray(items)) throw new RuleError('reduce takes an array');
		let accumulator = this.json(initial, data, depth);
		for (const current of items) accumulator = this.json(lambda, { accumulator, current }, depth);
		return accumulator;
	}

	private access(data: Json, path: string): Term {
		let at: Json | undefined = data;
		for (const step of path === '' ? [] : path.split('.')) {
			if (Array.isArray(at)) at = /^\d+$/.test(step) ? at[Number(step)] : undefined;
			else if (at !== null && typeof at === 'object') at = Object.prototype.hasOwnProperty.call(at, step) ? at[step] : undefined;
			else return null;
			if (at === undefined) return null;
		}
		this.weigh(at, DEPTH);
		return at;
	}
}

function fail(why: string): never {
	throw new RuleError(why);
}

function integer(term: Term): number {
	return Number.isSafeInteger(term) ? (term as number) : fail('an integer was expected');
}

function time(term: Term): number {
	return term instanceof Moment ? term.ms : fail('date-times were expected');
}

/** Before version 1.0 of the language the signs compared date-times too, and rules of 2021 still do. */
const comparable = (operator: string, terms: Term[]) =>
	/^[<>]/.test(operator) && !terms.every((term) => term instanceof Moment) ? integer : time;

/** Truthy and falsy exclude each other but leave values that are neither: those are errors. */
function truthy(term: Term): boolean {
	if (term instanceof Moment) throw new RuleError('a date-time is neither truthy nor falsy');
	if (term === null || typeof term !== 'object') return Boolean(term);
	return Object.keys(term).length > 0;
}

/** Equality without coercion; arrays, objects and date-times are never equal, as in the reference. */
function identical(a: Term, b: Term): boolean {
	return a === b && (a === null || typeof a !== 'object');
}

function ordered(operator: string, values: number[]): boolean {
	return values.slice(1).every((b, i) => {
		const a = values[i]!;
		if (operator === '<' || operator === 'before') return a < b;
		if (operator === '>' || operator === 'after') return a > b;
		return operator === '<=' || operator === 'not-after' ? a <= b : a >= b;
	});
}
