import { CanvasEvent, CanvasProp } from "../catalog.gen";
import type { Behaviour, Page, VNode } from "../node";
import { brush, watch } from "./brush";
import { gestures, room } from "./gestures";
import { attr, byte, bytes, end, fail, part, readDrawing, uint } from "../core";

const keys = /^(Arrow(Left|Right|Up|Down)|Home|End|Page(Up|Down)|Escape|[+-])$/;
/** The largest side that a plugin is told of, in device pixels. */
const mostRoom = 16_384;
const maxSide = 4096;

/** Two layers: the pixels of the plugin, and above them the drawing. */
export const canvas: Behaviour = {
  make(node, page) {
    watch(node, node.el, () => {
      draw(node);
      if (node.el.clientWidth) resized(node, page);
    });
    gestures(node, node.el, page);
  },
  after(node, page) {
    const { width, height } = room(node);
    page.rule(node, `aspect-ratio:${width}/${height};inline-size:${width}px`);
    draw(node);
  },
  set(node, number) {
    if (number !== CanvasProp.Surface) return;
    const surface = part(node, 1) as HTMLCanvasElement;
    surface.width = surface.height = 1;
  },
  bind(node, page) {
    const active = node.bound & ((1 << CanvasEvent.Resize) - 1);
    attr(node.el, "role", active ? "application" : "img");
    attr(node.el, "tabindex", active ? 0 : undefined);
    attr(node.el, "data-drags", !!(node.bound & ((7 << CanvasEvent.Dragstart) | (1 << CanvasEvent.Wheel))));
    if (node.el.clientWidth) resized(node, page);
  },
  on(node, event, page) {
    if (event.type !== "keydown") return;
    const { key, ctrlKey, metaKey, altKey, repeat } = event as KeyboardEvent;
    const name = key === "=" ? "+" : key;
    if (!keys.test(name) || ctrlKey || metaKey || altKey || !(node.bound & (1 << CanvasEvent.Key))) return;
    if (name !== "Escape") event.preventDefault();
    if (!repeat || !page.busy(node)) page.emit(node, CanvasEvent.Key, name);
    return true;
  },
};

/** Tells the plugin how many pixels it can fill, if that is news: those of the device with a surface, which it paints itself, else the page's. */
function resized(node: VNode, page: Page): void {
  const sharpness = node.vals[CanvasProp.Surface] === undefined ? 1 : devicePixelRatio;
  const [width, height] = [node.el.clientWidth, node.el.clientHeight].map((n) => Math.max(1, Math.min(mostRoom, Math.round(n * sharpness)))) as [number, number];
  const told = `${width} ${height}`;
  if (node.own === told || !(node.bound & (1 << CanvasEvent.Resize))) return;
  node.own = told;
  page.emit(node, CanvasEvent.Resize, width, height);
}

/** Draws the display list. */
function draw(node: VNode): void {
  const list = node.vals[CanvasProp.Drawing];
  const { width, height } = room(node);
  const pen = brush(part(node, 2) as HTMLCanvasElement, part(node, 3), width, height, list instanceof Uint8Array ? (node.el.clientWidth * devicePixelRatio) / width : 0);
  if (!pen) return;
  const { context, ink } = pen;
  readDrawing(list as Uint8Array, {
    rect: (n, x, y, w, high) => (ink(n), context.fillRect(x, y, w, high)),
    line(n, x1, y1, x2, y2) {
      ink(n);
      context.beginPath();
      context.moveTo(x1 + 0.5, y1 + 0.5);
      context.lineTo(x2 + 0.5, y2 + 0.5);
      context.stroke();
    },
    text(n, x, y, anchor, words) {
      ink(n);
      context.textAlign = anchor;
      context.fillText(words, x, y);
    },
  });
}

const side = (): number => uint(maxSide) || fail("a side is 0");

/** Reads the end of a PIXELS frame: a rectangle for the surface of a canvas, RGBA (0) or RGB (1). A surface of another size begins empty. */
export function pixels(node: VNode): () => void {
  const [surfaceWidth, surfaceHeight, x, y] = [side(), side(), uint(maxSide), uint(maxSide)];
  const [width, height, format] = [side(), side(), byte()];
  if (format > 1 || x + width > surfaceWidth || y + height > surfaceHeight) fail("no such pixels");
  const from = bytes(width * height * (4 - format));
  end();
  const image = new ImageData(width, height);
  const { data } = image;
  if (!format) data.set(from);
  else for (let i = 0, j = 0; i < from.length;) [data[j++], data[j++], data[j++], data[j++]] = [from[i++]!, from[i++]!, from[i++]!, 255];
  return () => {
    const surface = part(node, 1) as HTMLCanvasElement;
    if (surface.width !== surfaceWidth || surface.height !== surfaceHeight) [surface.width, surface.height] = [surfaceWidth, surfaceHeight];
    surface.getContext("2d")?.putImageData(image, x, y);
  };
}
