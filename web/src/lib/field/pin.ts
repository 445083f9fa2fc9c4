/** A PIN that the first guesses would find: not six digits, all alike, or in a row. */
export function pinIsWeak(pin: string): boolean {
	if (!/^\d{6}$/.test(pin)) return true;
	const steps = new Set([...pin].slice(1).map((digit, at) => Number(digit) - Number(pin[at])));
	return steps.size === 1 && [-1, 0, 1].includes([...steps][0] ?? 9);
}
