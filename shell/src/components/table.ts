import { ColumnEvent, ColumnProp, Component, RowEvent } from "../catalog.gen";
import type { Definition } from "../component";
import { attr, h, newId, ownerOf } from "../dom";
import type { VNode } from "../node";

const alignments = ["", "center", "end"];
const sortable = 1;
const ariaSort = ["", "none", "ascending", "descending"];

/** The table scrolls in a box of its own, so that its header can stay in sight. */
export const table: Definition = {
  make: (node, page) => {
    const caption = (node.parts["label"] = h("caption"));
    const head = (node.parts["head"] = h("tr"));
    const body = (node.parts["body"] = h("tbody"));
    const grid = (node.parts["grid"] = h("table", "", caption, h("thead", "", head), body));
    const el = h("div", "table", grid);
    caption.id = newId();
    attr(el, "role", "region");
    attr(el, "aria-labelledby", caption.id);
    attr(el, "tabindex", 0);
    node.refresh = () => page.rules(node, columnRules(head));
    node.drop = () => page.rules(node, "");
    return el;
  },
  set: { hidecaption: (node, hide) => (node.parts["label"]!.className = hide ? "unseen" : "") },
  into: (node, child) => node.parts[child.component === Component.Column ? "head" : "body"]!,
};

/** Aligns the cells that do not say how themselves as their column does. */
function columnRules(head: Element): string {
  return Array.from(head.children, (el, i) => {
    const align = alignments[Number(ownerOf(el)?.values[ColumnProp.Align] ?? 0)];
    return align ? `td:nth-child(${i + 1}):not([data-align]){text-align:${align}}` : "";
  }).join("");
}

/** A header that can be sorted by holds a button. */
export const column: Definition = {
  make: (node, page) => {
    const label = (node.parts["text"] = h("span", "label"));
    const hint = (node.parts["hint"] = h("small"));
    const plain = h("span", "sort", label, hint);
    const el = h("th", "", plain);
    attr(el, "scope", "col");
    let shown: HTMLElement = plain;
    node.refresh = () => {
      const sort = Number(node.values[ColumnProp.Sort] ?? 0);
      if (sort >= sortable !== (shown.localName === "button")) {
        const next = sort ? h("button", "sort") : plain;
        attr(next, "type", sort ? "button" : undefined);
        next.append(label, hint);
        shown.replaceWith(next);
        shown = next;
      }
      attr(el, "aria-sort", ariaSort[sort] || undefined);
      if (node.parent) page.later(node.parent);
    };
    return el;
  },
  on: {
    click: (node, _event, page) => {
      if (node.values[ColumnProp.Sort]) page.emit(node, ColumnEvent.Sort);
      return true;
    },
  },
};

const activate = (node: VNode): boolean => !!(node.bound & (1 << RowEvent.Click));

export const row: Definition = {
  make: () => h("tr"),
  set: { selected: (node, selected) => attr(node.el, "aria-selected", selected ? "true" : undefined) },
  bind: (node) => attr(node.el, "tabindex", activate(node) ? 0 : undefined),
  on: {
    click: (node, _event, page) => {
      page.emit(node, RowEvent.Click);
      return activate(node);
    },
    keydown: (node, event, page) => {
      const { key } = event as KeyboardEvent;
      if (event.target !== node.el || !activate(node) || (key !== "Enter" && key !== " ")) return;
      event.preventDefault();
      page.emit(node, RowEvent.Click);
    },
  },
};

/** A cell's text stands in a part of its own, so that it can have children as well. */
export const cell: Definition = {
  make: () => h("td"),
  set: {
    text: (node, text) => {
      const part = node.parts["words"] ??= h("span");
      part.textContent = String(text ?? "");
      if (!part.parentNode) node.el.prepend(part);
    },
  },
};

