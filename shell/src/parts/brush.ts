import type { VNode } from "../node";
import { onDrop, part } from "../core";

const fontSize = 12;

/** Calls again when the size or the theme of an element changes: its palette's colours have a short transition, whose end tells of a new theme. */
export function watch(node: VNode, el: HTMLElement, then: () => void): void {
  const observer = new ResizeObserver(then);
  observer.observe(el);
  part(node, 3).addEventListener("transitionend", then);
  onDrop(node, () => observer.disconnect());
}

/** What draws on a canvas as sharp as the screen is, in the page's own colours. */
export function brush(layer: HTMLCanvasElement, palette: Element, width: number, height: number, scale: number): { context: CanvasRenderingContext2D; ink(n: number): void } | undefined {
  layer.width = Math.round(width * scale) || 1;
  layer.height = Math.round(height * scale) || 1;
  const context = layer.getContext("2d");
  if (!context || !scale) return undefined;
  const colours = Array.from(palette.children, (el) => getComputedStyle(el).color);
  const { fontFamily, direction } = getComputedStyle(layer);
  context.scale(scale, scale);
  context.font = `${fontSize}px ${fontFamily}`;
  context.direction = direction as CanvasDirection;
  return { context, ink: (n) => void (context.fillStyle = context.strokeStyle = colours[n] ?? "") };
}
