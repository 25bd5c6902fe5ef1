import type { Owned, Page, VNode } from "../node";
import type { Row } from "../rows";
import { core, given } from "./tools";

/** The children of a node that stands in the page, in order. */
const kidsOf = (node: VNode): VNode[] => Array.from(node.el.querySelectorAll<Owned>("*"), (el) => core.ownerOf(el)).filter((inside) => inside?.up === node) as VNode[];

/**
 * Makes the element of old show what fresh says, and old the node of its id. Children are paired by
 * their place, as far as they are of one component. Answered is the last event that fresh answers.
 */
function morph(old: VNode, fresh: VNode, all: (VNode | Row | undefined)[], page: Page, answered: number): void {
  all[(old.id = fresh.id)] = old;
  for (let n = Math.max(old.vals.length, fresh.vals.length); n--;) {
    const value = fresh.vals[n];
    const field = !n && core.entryOf(old).edits;
    if (value !== old.vals[n] && !(field && (value === undefined || old.dirty > answered))) core.set(old, n, value, page);
  }
  if (old.bound !== fresh.bound) core.bind(old, fresh.bound, page);
  const had = kidsOf(old);
  fresh.kids.forEach((next, i) => {
    const before = had[i];
    const kid = unrow(next, all);
    if (before?.kind === kid.kind) return morph(before, kid, all, page, answered);
    kid.up = old;
    core.build(kid, page);
    core.place(kid, before, page);
    if (before) core.drop(before);
  });
  had.slice(fresh.kids.length).forEach((gone) => core.drop(gone));
  if (core.entryOf(old).does.after) page.later(old);
}

/** A row as a node with its children, as if it had come without a template. */
function unrow(next: VNode | Row, all: (VNode | Row | undefined)[]): VNode {
  if (!("shape" in next)) return next;
  const nodes = next.nodes();
  nodes.forEach((node, n) => {
    all[node.id] = node;
    if (n) node.up!.kids.push(node);
  });
  return nodes[0]!;
}

export const part = given({ morph });
