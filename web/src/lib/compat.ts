// What Chromium 90 to 98 lacks and the page uses. Older phones stay in use longer than anyone plans.

if (!crypto.randomUUID) {
	crypto.randomUUID = () => {
		const b = crypto.getRandomValues(new Uint8Array(16));
		b[6] = (b[6]! & 0x0f) | 0x40;
		b[8] = (b[8]! & 0x3f) | 0x80;
		const hex = Array.from(b, (x) => x.toString(16).padStart(2, '0')).join('');
		return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
	};
}
function at<T>(this: ArrayLike<T>, index: number): T | undefined {
	return this[index < 0 ? this.length + index : index];
}
if (!Array.prototype.at) Object.defineProperty(Array.prototype, 'at', { value: at, writable: true, configurable: true });
if (!String.prototype.at) Object.defineProperty(String.prototype, 'at', { value: at, writable: true, configurable: true });
if (!Object.hasOwn) {
	Object.defineProperty(Object, 'hasOwn', {
		value: (object: object, key: PropertyKey) => Object.prototype.hasOwnProperty.call(object, key),
		writable: true,
		configurable: true
	});
}

export {};
