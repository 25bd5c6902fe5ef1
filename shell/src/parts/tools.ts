import type { Tools } from "../core";

/** The core's tools, given when the parts are loaded. */
export let core: Tools;

export const take = (tools: Tools): void => {
  core = tools;
};

/** Listens to what a person does; what a script does is not heard. */
export function listen<K extends keyof HTMLElementEventMap>(el: HTMLElement, type: K, then: (event: HTMLElementEventMap[K]) => void, options?: AddEventListenerOptions): void {
  el.addEventListener(type, (event) => event.isTrusted && then(event), options);
}

/** The children of a node whose elements stand in a part of it. */
export const kidsIn = (el: Element): HTMLElement[] => [...el.children] as HTMLElement[];
