import { BannerProp, ColumnProp, Component, IconProp, TableProp } from "../catalog.gen";
import type { Behaviour, Owned } from "../node";
import { core, given } from "./tools";

export const icon: Behaviour = {
  set({ el }, number, value) {
    if (number !== IconProp.Label) return false;
    core.attr(el, "role", value ? "img" : undefined);
    core.attr(el, "aria-label", value ? String(value) : undefined);
    core.attr(el, "aria-hidden", value ? undefined : "true");
    return true;
  },
};

const alignments = ["", "center", "end"];

/** Aligns the cells that do not say how themselves as their column does. */
export const table: Behaviour = {
  after(node, page) {
    const rules = [...core.part(node, 2).children].map((el, n) => {
      const align = alignments[Number(core.ownerOf(el as Owned)?.vals[ColumnProp.Align] ?? 0)];
      return align ? `& td:nth-child(${n + 1}):not([data-align]){text-align:${align}}` : "";
    });
    page.rule(node, rules.join(""));
  },
  set: (node, number, value) => number === TableProp.Hidecaption && (core.attr(core.part(node, 1), "class", value ? "unseen" : undefined), true),
  into: (node, kid) => core.part(node, kid.kind === Component.Column ? 2 : 3),
};

/** A header that can be sorted by holds a button. */
export const column: Behaviour = {
  after(node, page) {
    const sorts = !!node.vals[ColumnProp.Sort];
    const old = core.part(node, 3);
    if (sorts !== (old.localName === "button")) {
      const next = document.createElement(sorts ? "button" : "span");
      next.className = "sort";
      core.attr(next, "type", sorts && "button");
      next.append(...old.children);
      old.replaceWith(next);
    }
    if (node.up) page.later(node.up);
  },
  on: (node, event, page) => event.type === "click" && !!node.vals[ColumnProp.Sort] && (page.emit(node, 0), true),
};

export const progress: Behaviour = {
  after(node) {
    const bar = core.part(node, 2) as HTMLProgressElement;
    const [value, , max] = node.vals;
    core.attr(bar, "max", Number(max ?? 1) || 1);
    core.attr(bar, "value", value === undefined ? undefined : Number(value));
    core.part(node, 3).textContent = value === undefined ? "" : `${Math.floor(bar.position * 100)} %`;
  },
};

/** A cross that closes what it is in. */
const crossed = (event: Event): boolean => event.type === "click" && (event.target as Element).classList.contains("close");

export const banner: Behaviour = {
  set({ el }, number, value) {
    if (number === BannerProp.Tone) core.attr(el, "role", value === 3 ? "alert" : "status");
  },
  on: (node, event, page) => crossed(event) && (page.emit(node, 0), true),
};

export const part = given({
  does: { [Component.Icon]: icon, [Component.Table]: table, [Component.Column]: column, [Component.Progress]: progress, [Component.Banner]: banner },
});
