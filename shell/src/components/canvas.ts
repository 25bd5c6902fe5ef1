import { CanvasEvent, CanvasProp } from "../catalog.gen";
import type { Definition } from "../component";
import { attr, h } from "../dom";
import { inks, readDrawing } from "../drawing";
import type { Page, VNode } from "../node";
import type { Pixels } from "../pixels";
import { gestures } from "./gestures";

const keys = new Set(["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End", "PageUp", "PageDown", "Escape", "+", "-"]);
const fontSize = 12;
/** The largest side that a plugin is told of, in device pixels. */
const mostRoom = 16_384;

/** Two layers: the pixels of the plugin, and above them the drawing in the page's own colours. */
export const canvas: Definition = {
  make: (node, page) => {
    const [surface, drawing, palette] = [h("canvas"), h("canvas"), h("div", "palette")];
    for (let ink = 0; ink < inks; ink++) palette.append(h("i", `ink${ink}`));
    const el = h("div", "canvas", surface, drawing, palette);
    node.parts = { surface, drawing, palette };
    // The palette's colours have a short transition: its end tells of a new theme, however it was chosen.
    palette.addEventListener("transitionend", () => draw(node));
    const observer = new ResizeObserver(() => {
      draw(node);
      if (el.clientWidth) resized(node, page);
    });
    observer.observe(el);
    node.drop = () => {
      observer.disconnect();
      page.rules(node, "");
    };
    node.refresh = () => {
      const { width, height } = room(node);
      page.rules(node, `aspect-ratio:${width}/${height};inline-size:${width}px`);
      draw(node);
    };
    gestures(node, el, page);
    return el;
  },
  set: {
    label: (node, label) => attr(node.el, "aria-label", String(label ?? "")),
    surface: (node) => {
      const surface = node.parts["surface"] as HTMLCanvasElement;
      surface.width = surface.height = 1;
    },
  },
  bind: (node, page) => {
    const active = (1 << CanvasEvent.Resize) - 1;
    const drags = 7 << CanvasEvent.Dragstart;
    attr(node.el, "role", node.bound & active ? "application" : "img");
    attr(node.el, "tabindex", node.bound & active ? 0 : undefined);
    attr(node.el, "data-drags", !!(node.bound & (drags | (1 << CanvasEvent.Wheel))));
    if (node.el.clientWidth) resized(node, page);
  },
  on: {
    keydown: (node, event, page) => {
      const { key, ctrlKey, metaKey, altKey, repeat } = event as KeyboardEvent;
      const name = key === "=" ? "+" : key;
      if (!keys.has(name) || ctrlKey || metaKey || altKey || !(node.bound & (1 << CanvasEvent.Key))) return;
      if (name !== "Escape") event.preventDefault();
      if (!repeat || !page.busy(node)) page.emit(node, CanvasEvent.Key, name);
      return true;
    },
  },
};

/** The size of a canvas's coordinates. */
export const room = (node: VNode): { width: number; height: number } => ({
  width: Number(node.values[CanvasProp.Width] ?? 1),
  height: Number(node.values[CanvasProp.Height] ?? 1),
});

/** Tells the plugin how many pixels it can fill, if that is news: those of the device with a surface, which it paints itself, else the page's. */
function resized(node: VNode, page: Page): void {
  const sharpness = node.values[CanvasProp.Surface] === undefined ? 1 : devicePixelRatio;
  const [width, height] = [node.el.clientWidth, node.el.clientHeight].map((n) => Math.max(1, Math.min(mostRoom, Math.round(n * sharpness)))) as [number, number];
  const told = `${width} ${height}`;
  if (node.told === told || !(node.bound & (1 << CanvasEvent.Resize))) return;
  node.told = told;
  page.emit(node, CanvasEvent.Resize, width, height);
}

/** Puts pixels on the surface. A surface of another size begins empty. */
export function paint(node: VNode, { surfaceWidth, surfaceHeight, x, y, image }: Pixels): void {
  const surface = node.parts["surface"] as HTMLCanvasElement;
  if (surface.width !== surfaceWidth || surface.height !== surfaceHeight) {
    surface.width = surfaceWidth;
    surface.height = surfaceHeight;
  }
  surface.getContext("2d")?.putImageData(image, x, y);
}

/** Draws the display list as sharp as the screen is. */
function draw(node: VNode): void {
  const list = node.values[CanvasProp.Drawing];
  const layer = node.parts["drawing"] as HTMLCanvasElement;
  const { width, height } = room(node);
  const scale = (node.el.clientWidth * devicePixelRatio) / width;
  const context = layer.getContext("2d");
  if (!(list instanceof Uint8Array) || !scale || !context) {
    layer.width = layer.height = 1;
    return;
  }
  layer.width = Math.round(width * scale);
  layer.height = Math.round(height * scale);
  context.scale(scale, scale);
  const colours = Array.from(node.parts["palette"]!.children, (ink) => getComputedStyle(ink).color);
  const { fontFamily, direction } = getComputedStyle(node.el);
  const ink = (n: number): void => {
    context.fillStyle = context.strokeStyle = colours[n] ?? "";
  };
  context.font = `${fontSize}px ${fontFamily}`;
  context.direction = direction as CanvasDirection;
  readDrawing(list, {
    rect: (n, x, y, w, high) => (ink(n), context.fillRect(x, y, w, high)),
    line: (n, x1, y1, x2, y2) => {
      ink(n);
      context.beginPath();
      context.moveTo(x1 + 0.5, y1 + 0.5);
      context.lineTo(x2 + 0.5, y2 + 0.5);
      context.stroke();
    },
    text: (n, x, y, anchor, words) => {
      ink(n);
      context.textAlign = anchor;
      context.fillText(words, x, y);
    },
  });
}
