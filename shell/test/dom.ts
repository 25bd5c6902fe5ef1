// A document for tests without a browser.
import { Window } from "happy-dom";

/** Makes the globals that the shell uses. Import this before anything that needs them. */
const window = new Window({ url: "http://127.0.0.1/" });
class Sheet {
  replaceSync(): void {}
}
class Observer {
  observe(): void {}
  disconnect(): void {}
}
/** Keeps the pixels that are put on a canvas, which a document without a screen does not. */
function putImageData(this: { canvas: HTMLCanvasElement & { store?: Uint8Array } }, image: ImageData, x: number, y: number): void {
  const { canvas } = this;
  const size = 4 * canvas.width * canvas.height;
  if (canvas.store?.length !== size) canvas.store = new Uint8Array(size);
  for (let row = 0; row < image.height; row++) {
    const line = image.data.subarray(4 * row * image.width, 4 * (row + 1) * image.width);
    canvas.store.set(line, 4 * ((y + row) * canvas.width + x));
  }
}
Object.assign(window.HTMLCanvasElement.prototype, {
  getContext(this: HTMLCanvasElement) {
    return { canvas: this, putImageData };
  },
});
Object.assign(window, { CSSStyleSheet: Sheet });
Object.assign(globalThis, {
  window,
  document: window.document,
  Comment: window.Comment,
  HTMLElement: window.HTMLElement,
  HTMLInputElement: window.HTMLInputElement,
  CustomEvent: window.CustomEvent,
  location: window.location,
  CSSStyleSheet: Sheet,
  ResizeObserver: Observer,
  IntersectionObserver: Observer,
  devicePixelRatio: 1,
  addEventListener: () => undefined,
  removeEventListener: () => undefined,
  getComputedStyle: window.getComputedStyle.bind(window),
  ImageData: class {
    readonly data: Uint8ClampedArray;
    constructor(readonly width: number, readonly height: number) {
      this.data = new Uint8ClampedArray(4 * width * height);
    }
  },
});
