// The worker that keeps the pages of a shift on the phone.

class Offline {
	/** The pages are on the phone: a reload needs no network. */
	ready = $state(false);
	/** A newer version waits to be used. */
	update = $state.raw<ServiceWorker | null>(null);

	async start(): Promise<void> {
		if (!('serviceWorker' in navigator) || !import.meta.env.PROD) return;
		const registration = await navigator.serviceWorker.register('/service-worker.js', { type: 'module' });
		const look = () => {
			this.ready = !!registration.active;
			this.update = registration.active ? registration.waiting : null;
		};
		const follow = () => registration.installing?.addEventListener('statechange', look);
		registration.addEventListener('updatefound', follow);
		follow();
		look();
	}

	/** Only when asked: between two tubes, never within one. */
	use(): void {
		navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
		this.update?.postMessage('use the new version');
	}
}

export const offline = new Offline();
