// The pages of a PDF as pictures with their words. It is read in a thread that knows no page of ours, and only drawn: no
// script, form, link or attached file of it is here, and nothing is fetched for it.
import { getDocument, PDFWorker } from 'pdfjs-dist';
import workerUrl from 'pdfjs-dist/build/pdf.worker.min.mjs?url';

/** More is downloaded instead. */
export const pdfBytesMax = 25_000_000;
const readWithinMs = 20_000;
const imagePixelsMax = 16_000_000;
const pagePixelsMax = 8_000_000;
const wordsMax = 20_000;

export type PdfPage = { words: string; draw: Promise<void>; cancel: () => void };
export type Pdf = {
  pages: number;
  /** Page 1 and on, so many CSS pixels wide. */
  page(number: number, canvas: HTMLCanvasElement, width: number): Promise<PdfPage>;
  close(): void;
};

/** Rejects for what is no PDF, needs a password, or takes too long to read. */
export const openPdf = async (data: ArrayBuffer): Promise<Pdf> => {
  // Ended from here: one that never comes to an end would not answer either.
  const thread = new Worker(workerUrl, { type: 'module' });
  // Its types forget that a thread of one's own may be given.
  const worker = new PDFWorker({ port: thread as unknown as null });
  const end = () => {
    worker.destroy();
    thread.terminate();
  };
  const task = getDocument({
    data,
    worker,
    enableXfa: false,
    isEvalSupported: false,
    useWasm: false,
    useWorkerFetch: false,
    maxImageSize: imagePixelsMax,
    canvasMaxAreaInBytes: pagePixelsMax * 4,
    verbosity: 0,
  });
  task.promise.catch(() => undefined);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('It takes too long to read.')), readWithinMs);
  });
  const document = await Promise.race([task.promise, late])
    .catch((error) => {
      end();
      throw error;
    })
    .finally(() => clearTimeout(timer));
  return {
    pages: document.numPages,
    page: async (number, canvas, width) => {
      const page = await document.getPage(number);
      const whole = page.getViewport({ scale: 1 });
      const sharp = width * Math.min(2, globalThis.devicePixelRatio || 1);
      // However long or wide it says it is.
      const scale = Math.min(sharp / whole.width, Math.sqrt(pagePixelsMax / (whole.width * whole.height)));
      const viewport = page.getViewport({ scale });
      canvas.width = Math.max(1, Math.floor(viewport.width));
      canvas.height = Math.max(1, Math.floor(viewport.height));
      const drawing = page.render({ canvas, viewport, annotationMode: 0 });
      const { items } = await page.getTextContent();
      const words = items.map((item) => ('str' in item ? item.str : '')).join(' ');
      return { words: words.slice(0, wordsMax), draw: drawing.promise, cancel: () => drawing.cancel() };
    },
    close: end,
  };
};
