import { BoxProp, catalog, Component } from "../catalog.gen";
import type { Definition } from "../component";
import { attr, h, newId } from "../dom";
import type { VNode } from "../node";

/** A labelled box is a group; one that scrolls can be reached by keyboard, if a table in it does not do that. */
function group(node: VNode): void {
  const label = node.values[BoxProp.Label];
  const scrolls = !!node.values[BoxProp.Scroll];
  attr(node.el, "role", label || scrolls ? "group" : undefined);
  attr(node.el, "aria-label", label ? String(label) : undefined);
  attr(node.el, "tabindex", scrolls && !node.el.querySelector(":scope > .table") ? 0 : undefined);
}

const spaces = catalog[Component.Box]?.[1][BoxProp.Gap]?.[2];

export const box: Definition = {
  make: (node) => {
    node.refresh = () => group(node);
    return h("div", "box");
  },
  set: {
    label: () => undefined,
    // A gap of none is not a gap left out: the sheet has one for that.
    gap: (node, gap) => attr(node.el, "data-gap", gap === undefined ? undefined : spaces?.[Number(gap)]),
  },
};

export const text: Definition = {
  make: (node) => (node.parts["text"] = h("p", "text")),
  set: { live: (node, live) => attr(node.el, "aria-live", live ? "polite" : undefined) },
};

export const heading: Definition = {
  make: (node) => {
    const el = (node.parts["text"] = h("div", "heading"));
    attr(el, "role", "heading");
    attr(el, "aria-level", 2);
    return el;
  },
  set: { level: (node, level) => attr(node.el, "aria-level", Number(level ?? 2)) },
};

export const progress: Definition = {
  make: (node) => {
    const bar = h("progress");
    const label = (node.parts["label"] = h("label"));
    const percent = h("span", "percent");
    label.htmlFor = bar.id = newId();
    node.refresh = () => {
      const [value, , max] = node.values;
      attr(bar, "max", Number(max ?? 1) || 1);
      attr(bar, "value", value === undefined ? undefined : Number(value));
      percent.textContent = value === undefined ? "" : `${Math.floor(bar.position * 100)} %`;
    };
    return h("div", "progress", h("div", "head", label, percent), bar);
  },
};

export const image: Definition = {
  make: () => {
    const img = h("img", "image");
    attr(img, "decoding", "async");
    attr(img, "alt", "");
    return img;
  },
  set: {
    src: (node, src, page) => attr(node.el, "src", page.asset(String(src))),
    label: (node, label) => attr(node.el, "alt", String(label ?? "")),
    width: (node, width) => attr(node.el, "width", width as number | undefined),
    height: (node, height) => attr(node.el, "height", height as number | undefined),
  },
};
