import { CanvasEvent, CanvasProp } from "../catalog.gen";
import type { Page, VNode } from "../node";
import { listen, onDrop } from "../core";

/** Pixels a pointer moves before a press becomes a drag. */
const slop = 4;
/** What browsers scroll a notch of a wheel, in pixels and in lines. */
const notch = [100, 3, 1];
/** Steps of the wheel that doubling the distance of two fingers stands for. */
const stepsPerDoubling = 4;
/** While the page scrolls a canvas that comes under the pointer does not stop it, for so many ms. */
const scrolling = 250;

/** The size of a canvas's coordinates. */
export const room = ({ vals }: VNode): { width: number; height: number } => ({ width: Number(vals[CanvasProp.Width]), height: Number(vals[CanvasProp.Height]) });

type Point = readonly [x: number, y: number];

const between = (a: Point, b: Point): number => Math.hypot(a[0] - b[0], a[1] - b[1]);

/** Makes presses, drags, wheel turns and two-finger zooms of what pointers do on a canvas. */
export function gestures(node: VNode, el: HTMLElement, page: Page): void {
  const pointers = new Map<number, Point>();
  let start: Point | undefined;
  let dragging = false;

  const at = ({ clientX, clientY }: MouseEvent): [number, number] => {
    const box = el.getBoundingClientRect();
    const { width, height } = room(node);
    const clamp = (n: number, most: number): number => Math.max(0, Math.min(most - 1, Math.floor(n)));
    return [clamp(((clientX - box.left) / box.width) * width, width), clamp(((clientY - box.top) / box.height) * height, height)];
  };
  const end = (event: PointerEvent, pressed: boolean): void => {
    if (!pointers.delete(event.pointerId) || pointers.size) return;
    if (dragging) page.emit(node, CanvasEvent.Dragend, ...at(event));
    else if (pressed && start) page.emit(node, CanvasEvent.Press, ...at(event));
    start = undefined;
    dragging = false;
  };

  listen(el, "pointerdown", (event) => {
    if (event.button) return;
    el.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, [event.clientX, event.clientY]);
    if (pointers.size === 1) start = [event.clientX, event.clientY];
  });
  listen(el, "pointermove", (event) => {
    const before = pointers.get(event.pointerId);
    if (!before) return;
    const here: Point = [event.clientX, event.clientY];
    if (pointers.size === 2) {
      const other = [...pointers].find(([id]) => id !== event.pointerId)![1];
      const steps = -stepsPerDoubling * Math.log2((between(here, other) || 1) / (between(before, other) || 1));
      if (steps) page.emit(node, CanvasEvent.Wheel, ...at(event), steps);
      start = undefined;
    } else if (start && !dragging && between(here, start) >= slop) {
      dragging = true;
      page.emit(node, CanvasEvent.Dragstart, ...at({ clientX: start[0], clientY: start[1] } as MouseEvent));
    }
    pointers.set(event.pointerId, here);
    if (dragging && start) page.emit(node, CanvasEvent.Drag, ...at(event));
  });
  listen(el, "pointerup", (event) => end(event, true));
  listen(el, "pointercancel", (event) => end(event, false));

  // The window sees every wheel first, but not where in a closed shadow root it turned: each counts as
  // outside until the canvas hears of it too.
  let scrolledOutside = -scrolling;
  let before = scrolledOutside;
  const outside = (event: WheelEvent): void => {
    before = scrolledOutside;
    scrolledOutside = event.timeStamp;
  };
  addEventListener("wheel", outside, { passive: true, capture: true });
  onDrop(node, () => removeEventListener("wheel", outside, { capture: true }));
  listen(el, "wheel", (event) => {
    if (!(node.bound & (1 << CanvasEvent.Wheel))) return;
    if (!event.ctrlKey && event.timeStamp - before < scrolling) return;
    scrolledOutside = before;
    event.preventDefault();
    if (event.deltaY) page.emit(node, CanvasEvent.Wheel, ...at(event), event.deltaY / (notch[event.deltaMode] ?? 1));
  }, { passive: false });
}
