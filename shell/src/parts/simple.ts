import { BannerProp, BoxProp, ColumnProp, Component, DialogEvent, FieldsetEvent, IconProp, TableProp } from "../catalog.gen";
import type { Behaviour } from "../node";
import { core, kidsIn } from "./tools";

/** A labelled box is a group; one that scrolls can be reached by keyboard, if a table in it does not do that. */
export const box: Behaviour = {
  after({ el, vals }) {
    const label = vals[BoxProp.Label];
    const scrolls = !!vals[BoxProp.Scroll];
    core.attr(el, "role", label || scrolls ? "group" : undefined);
    core.attr(el, "aria-label", label ? String(label) : undefined);
    core.attr(el, "tabindex", scrolls && !el.querySelector(":scope > .table") ? 0 : undefined);
  },
};

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
    const rules = kidsIn(core.part(node, 2)).map((el, n) => {
      const align = alignments[Number(core.ownerOf(el)?.vals[ColumnProp.Align] ?? 0)];
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

/** A dialog stands above the page if the person has just done something, else in its place. */
export const dialog: Behaviour = {
  after(node, page) {
    const el = node.el as HTMLDialogElement;
    core.part(node, 4).textContent = page.title;
    if (el.open || !el.isConnected) return;
    if (page.recent()) el.showModal();
    else el.show();
  },
  on(node, event, page) {
    const { el } = node;
    const beside = event.type === "click" && event.target === el && !node.vals[2];
    if (event.type === "cancel") event.preventDefault();
    if (event.type !== "cancel" && !crossed(event) && !beside) return event.type === "click" && event.target === el;
    page.emit(node, DialogEvent.Close);
    return true;
  },
};

/** Enter in a field of one line submits what it is in. */
export const fieldset: Behaviour = {
  on(node, event, page) {
    const el = event.target as HTMLInputElement;
    if (event.type === "keydown" && (event as KeyboardEvent).key === "Enter" && el.localName === "input" && !(event as KeyboardEvent).isComposing && !/^(checkbox|radio|file|range)$/.test(el.type)) page.emit(node, FieldsetEvent.Submit);
  },
};
