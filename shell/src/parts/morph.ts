import { bind, build, drop, entryOf, ownerOf, place, set } from "../core";
import type { Part } from "../loaded";
import type { Owned, Page, VNode } from "../node";
import type { Row } from "../rows";

/** The children of a node that stands in the page, in order. */
const kidsOf = (node: VNode): VNode[] => Array.from(node.el.querySelectorAll<Owned>("*"), ownerOf).filter((inside) => inside?.up === node) as VNode[];

/**
 * Makes the element of old show what fresh says, and old the node of its id. Children are paired by
 * their place, as far as they are of one component. Answered is the last event that fresh answers.
 */
function morph(old: VNode, fresh: VNode, all: (VNode | Row | undefined)[], page: Page, answered: number): void {
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
    // A row is a node with its children, as if it had come without a template.
    const kid = "tree" in next ? next.tree() : next;
    if (before?.kind === kid.kind) return morph(before, kid, all, page, answered);
    all[kid.id] = kid;
    kid.up = old;
    build(kid, page);
    place(kid, before, page);
    if (before) drop([before]);
  });
  if (had.length > fresh.kids.length) drop(had.slice(fresh.kids.length));
  if (entryOf(old).does.after) page.later(old);
}

export const brings: Part = { morph };
