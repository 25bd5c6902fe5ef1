import type { VNode } from "./node";

/** Which node an element stands for. */
const owners = new WeakMap<EventTarget, VNode>();

/** Says that node stands in the page as el. */
export function own(node: VNode, el: HTMLElement): void {
  owners.set((node.el = el), node);
}

/** The node that el stands for, undefined for an element that is only a part of one. */
export const ownerOf = (el: EventTarget): VNode | undefined => owners.get(el);

/** Makes an element with a class of the shell's own sheet. */
export function h<K extends keyof HTMLElementTagNameMap>(tag: K, className = "", ...children: (Element | string)[]): HTMLElementTagNameMap[K] {
  const el = document.createElement(tag);
  if (className) el.className = className;
  el.append(...children);
  return el;
}

/** Sets an attribute whose name is a constant of the shell or of the catalog; undefined removes it. */
export function attr(el: Element, name: string, value: string | number | boolean | undefined): void {
  if (value === undefined || value === false) el.removeAttribute(name);
  else el.setAttribute(name, value === true ? "" : String(value));
}

/** Listens to what a person does; what a script does is not heard. */
export function listen<K extends keyof HTMLElementEventMap>(el: HTMLElement, type: K, then: (event: HTMLElementEventMap[K]) => void, options?: AddEventListenerOptions): void {
  el.addEventListener(type, (event) => {
    if (event.isTrusted) then(event);
  }, options);
}

/** Puts el before ref in parent, or at its end, keeping focus and scroll positions where the browser can. */
export function put(parent: Element, el: Element, ref: Element | null): void {
  if (el === ref || (el.parentNode === parent && el.nextSibling === ref)) return;
  if (el.isConnected && parent.isConnected && "moveBefore" in parent) parent.moveBefore(el, ref);
  else parent.insertBefore(el, ref);
}

let ids = 0;

/** An id for an element that another names. The shadow root keeps it apart from the page's. */
export const newId = (): string => `v${++ids}`;
