import type { Behaviour } from "./node";

/** Listens to what a person does; what a script does is not heard. */
export function listen<K extends keyof HTMLElementEventMap>(el: HTMLElement, type: K, then: (event: HTMLElementEventMap[K]) => void, options?: AddEventListenerOptions): void {
  el.addEventListener(type, (event) => event.isTrusted && then(event), options);
}

/** The elements in an element. */
export const kidsIn = (el: Element): HTMLElement[] => [...el.children] as HTMLElement[];

/** A person has clicked on the cross that closes what it is in. */
export const crossed = ({ type, target }: Event): boolean => type === "click" && (target as Element).classList.contains("close");

/** What stands in something that shows the value of one of its children. */
export const chosen: Behaviour = {
  set: (node, _number, _value, page) => void (node.up && page.later(node.up)),
};
