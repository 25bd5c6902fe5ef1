import type { Tools } from "../core";
import type { Part } from "../loaded";
import type { Behaviour } from "../node";

/** The core's tools, given when the parts are loaded. */
export let core: Tools;

/** What a part's file gives: its part, once it has the tools. */
export const given = (part: Part) => (tools: Tools): Part => {
  core = tools;
  return part;
};

/** Listens to what a person does; what a script does is not heard. */
export function listen<K extends keyof HTMLElementEventMap>(el: HTMLElement, type: K, then: (event: HTMLElementEventMap[K]) => void, options?: AddEventListenerOptions): void {
  el.addEventListener(type, (event) => event.isTrusted && then(event), options);
}

/** The children of a node whose elements stand in a part of it. */
export const kidsIn = (el: Element): HTMLElement[] => [...el.children] as HTMLElement[];

/** What stands in something that shows the value of one of its children. */
export const chosen: Behaviour = {
  set: (node, _number, _value, page) => void (node.up && page.later(node.up)),
};
