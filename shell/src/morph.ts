import { bind, build, drop, entryOf, ownerOf, place, set } from "./build";
import { type Owned, type Page, VNode } from "./node";
import { Row } from "./rows";

/** The children of a node that stands in the page, in order. */
const kidsOf = (node: VNode): VNode[] => Array.from(node.el.querySelectorAll<Owned>("*"), (el) => ownerOf(el)).filter((inside) => inside?.up === node) as VNode[];

/**
 * Makes the element of old show what fresh says, and old the node of its id. Children are paired by
 * their place, as far as they are of one component. Answered is the last event that fresh answers.
 */
export function morph(old: VNode, fresh: VNode, all: (VNode | Row)[], page: Page, answered: number): void {
  all[(old.id = fresh.id)] = old;
  for (let n = Math.max(old.vals.length, fresh.vals.length); n--;) {
    const value = fresh.vals[n];
    const field = !n && entryOf(old).edits;
    if (value !== old.vals[n] && !(field && (value === undefined || old.dirty > answered))) set(old, n, value, page);
  }
  if (old.bound !== fresh.bound) bind(old, fresh.bound, page);
  const had = kidsOf(old);
  fresh.kids.forEach((next, i) => {
    const before = had[i];
    const kid = unrow(next, all);
    if (before?.kind === kid.kind) return morph(before, kid, all, page, answered);
    kid.up = old;
    build(kid, page);
    place(kid, before, page);
    if (before) drop(before);
  });
  had.slice(fresh.kids.length).forEach(drop);
  if (entryOf(old).does.after) page.later(old);
}

/** A row as a node with its children, as if it had come without a template. */
function unrow(next: VNode | Row, all: (VNode | Row)[]): VNode {
  if (!(next instanceof Row)) return next;
  const nodes = next.nodes();
  nodes.forEach((node, n) => {
    all[node.id] = node;
    if (n) node.up!.kids.push(node);
  });
  return nodes[0]!;
}
