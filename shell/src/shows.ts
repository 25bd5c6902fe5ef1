import { ownerOf, part } from "./build";
import { BannerProp, BoxProp, ColumnProp, Component, TableProp } from "./catalog.gen";
import { attr } from "./dom";
import { crossed } from "./elements";
import type { Behaviour, Owned } from "./node";

/** A labelled box is a group; one that scrolls can be reached by keyboard, if a table in it does not do that. */
const box: Behaviour = {
  after({ el, vals }) {
    const label = vals[BoxProp.Label];
    const scrolls = !!vals[BoxProp.Scroll];
    attr(el, "role", (!!label || scrolls) && "group");
    attr(el, "aria-label", (label as string) || false);
    attr(el, "tabindex", scrolls && !el.querySelector(":scope > .table") && 0);
  },
};

/** The sheet says which side the end is: that of the table, whatever is written in its cells. */
const alignments = ["", "center", "var(--end)"];

/** Aligns the cells that do not say how themselves as their column does. */
const table: Behaviour = {
  after(node, page) {
    const rules = [...part(node, 2).children].map((el, n) => {
      const align = alignments[ownerOf(el as Owned)?.vals[ColumnProp.Align] as number];
      return align ? `& td:nth-child(${n + 1}):not([data-align]){text-align:${align}}` : "";
    });
    page.rule(node, rules.join(""));
  },
  set: (node, number, value) => number === TableProp.Hidecaption && (attr(part(node, 1), "class", value ? "unseen" : undefined), true),
  into: (node, kid) => part(node, kid.kind === Component.Column ? 2 : 3),
};

/** A header that can be sorted by holds a button. */
const column: Behaviour = {
  after(node, page) {
    const sorts = !!node.vals[ColumnProp.Sort];
    const old = part(node, 3);
    if (sorts !== (old.localName === "button")) {
      const next = document.createElement(sorts ? "button" : "span");
      next.className = "sort";
      attr(next, "type", sorts && "button");
      next.append(...old.children);
      old.replaceWith(next);
    }
    if (node.up) page.later(node.up);
  },
  on: (node, event, page) => event.type === "click" && !!node.vals[ColumnProp.Sort] && (page.emit(node, 0), true),
};

const progress: Behaviour = {
  after(node) {
    const bar = part(node, 2) as HTMLProgressElement;
    const [value, , max] = node.vals;
    attr(bar, "max", (max as number) || 1);
    attr(bar, "value", value as number);
    part(node, 3).textContent = value === undefined ? "" : `${Math.floor(bar.position * 100)} %`;
  },
};

const banner: Behaviour = {
  set({ el }, number, value) {
    if (number === BannerProp.Tone) attr(el, "role", value === 3 ? "alert" : "status");
  },
  on: (node, event, page) => crossed(event) && (page.emit(node, 0), true),
};

/** What is on so many pages that it is always there. */
export const shows: Readonly<Record<number, Behaviour>> = {
  [Component.Box]: box, [Component.Table]: table, [Component.Column]: column, [Component.Progress]: progress, [Component.Banner]: banner,
};
