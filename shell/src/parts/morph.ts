import { bind, build, drop, entryOf, ownerOf, place, set } from "../core";
import type { Part } from "../loaded";
import type { Owned, Page, VNode } from "../node";
import type { Row } from "../rows";

/** The children of a node that stands in the page, in order. */
const kidsOf = (node: VNode): VNode[] => Array.from(node.el.querySelectorAll<Owned>("*"), ownerOf).filter((inside) => inside?.up === node) as VNode[];

/**
 * Makes the element of old show what fresh says, and old the node of its id. A child goes on as what
 * was says of its new id; one that the server does not know to be the same is made anew, so that
 * nothing that a person typed or opened, and no focus, is ever in another row. Answered is the last
 * event that fresh answers.
 */
function morph(old: VNode, fresh: VNode, all: (VNode | Row | undefined)[], page: Page, answered: number, was: (id: number) => VNode | undefined): void {
  all[(old.id = fresh.id)] = old;
  for (let n = Math.max(old.vals.length, fresh.vals.length); n--;) {
    const value = fresh.vals[n];
    const field = !n && entryOf(old).edits;
    if (value !== old.vals[n] && !(field && (value === undefined || old.dirty > answered))) set(old, n, value, page);
  }
  if (old.bound !== fresh.bound) bind(old, fresh.bound, page);
  const gone = new Set(kidsOf(old));
  const kids = fresh.kids.map((next) => {
    // A row is a node with its children, as if it had come without a template.
    const kid = "tree" in next ? next.tree() : next;
    const before = was(kid.id);
    if (before?.kind === kid.kind && gone.delete(before)) {
      morph(before, kid, all, page, answered, was);
      return before;
    }
    all[kid.id] = kid;
    kid.up = old;
    build(kid, page);
    return kid;
  });
  for (const node of gone) drop([node]);
  // From the last on; what stands where it belongs is not touched, so that it keeps the focus.
  const standing = new Set(kidsOf(old).toReversed());
  let next: VNode | undefined;
  for (const kid of kids.toReversed()) {
    const [last] = standing;
    if (last !== kid) place(kid, next, page);
    standing.delete((next = kid));
  }
  if (entryOf(old).does.after) page.later(old);
}

export const brings: Part = { morph };
