import { bind, build, clear, place, set } from "./component";
import { ownerOf } from "./dom";
import type { Page, VNode } from "./node";

/** The children of a node that stands in the page, in order. */
function childrenOf(node: VNode): VNode[] {
  return Array.from(node.el.querySelectorAll("*"), ownerOf).filter((inside) => inside?.parent === node) as VNode[];
}

/**
 * Makes the element of old show what fresh says, and old the node of its id. Children are paired by
 * their place, as far as they are of one component. Answered is the last event that fresh answers.
 */
export function morph(old: VNode, fresh: VNode, nodes: Map<number, VNode>, page: Page, answered: number): void {
  nodes.set((old.id = fresh.id), old);
  for (let n = Math.max(old.values.length, fresh.values.length); n--;) {
    const value = fresh.values[n];
    const field = !n && old.control;
    if (value !== old.values[n] && !(field && (value === undefined || old.dirty > answered))) set(old, n, value, page);
  }
  if (old.bound !== fresh.bound) bind(old, fresh.bound, page);
  const had = childrenOf(old);
  fresh.children.forEach((child, i) => {
    const before = had[i];
    if (before?.component === child.component) return morph(before, child, nodes, page, answered);
    child.parent = old;
    build(child, page);
    place(child, before, page);
    if (before) remove(before);
  });
  had.slice(fresh.children.length).forEach(remove);
  if (old.refresh) page.later(old);
}

function remove(node: VNode): void {
  clear(node);
  node.el.remove();
}
