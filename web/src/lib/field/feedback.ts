// Gloves, sun and noise: a scan is felt and heard before it is read.

let audio: AudioContext | undefined;

function tone(hertz: number, ms: number, after = 0): void {
	try {
		audio ??= new AudioContext();
		const [voice, volume] = [audio.createOscillator(), audio.createGain()];
		const from = audio.currentTime + after / 1000;
		voice.frequency.value = hertz;
		volume.gain.setValueAtTime(0.2, from);
		volume.gain.linearRampToValueAtTime(0, from + ms / 1000);
		voice.connect(volume).connect(audio.destination);
		voice.start(from);
		voice.stop(from + ms / 1000);
	} catch {
		// A phone without sound still shows the words.
	}
}

export function good(): void {
	navigator.vibrate?.(40);
	tone(880, 90);
}
export function bad(): void {
	navigator.vibrate?.([120, 60, 120]);
	tone(220, 160);
	tone(180, 220, 180);
}
