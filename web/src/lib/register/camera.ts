/** Reads one picture; null when no QR is in it. */
export type Decoder = (picture: HTMLVideoElement | ImageBitmap) => Promise<string | null>;

interface Detector {
	detect(picture: CanvasImageSource): Promise<{ rawValue: string }[]>;
}
type DetectorClass = { new (options: { formats: string[] }): Detector; getSupportedFormats(): Promise<string[]> };

/** Wider pictures take longer and tell no more. */
const WIDTH = 800;

/** Codes on cards, and those on the labels of tubes. */
export const CARDS = ['qr_code'];
export const TUBES_AND_CARDS = ['qr_code', 'code_128', 'code_39', 'ean_13', 'itf', 'data_matrix'];

/** The browser's own reader where it has one (Android), else a library that is fetched only now and reads QR alone. */
export async function decoder(wanted: string[] = CARDS): Promise<Decoder> {
	const own = (globalThis as { BarcodeDetector?: DetectorClass }).BarcodeDetector;
	const formats: string[] = own ? await own.getSupportedFormats().catch(() => []) : [];
	if (own && formats.includes('qr_code')) {
		const detector = new own({ formats: wanted.filter((format) => formats.includes(format)) });
		return async (picture) => (await detector.detect(picture).catch(() => []))[0]?.rawValue ?? null;
	}
	const { default: jsQR } = await import('jsqr');
	const canvas = document.createElement('canvas');
	const pen = canvas.getContext('2d', { willReadFrequently: true });
	return async (picture) => {
		const [w, h] = picture instanceof HTMLVideoElement ? [picture.videoWidth, picture.videoHeight] : [picture.width, picture.height];
		if (!pen || w === 0 || h === 0) return null;
		const scale = Math.min(1, WIDTH / w);
		canvas.width = Math.round(w * scale);
		canvas.height = Math.round(h * scale);
		pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
		const { data, width, height } = pen.getImageData(0, 0, canvas.width, canvas.height);
		return jsQR(data, width, height, { inversionAttempts: 'dontInvert' })?.data || null;
	};
}
