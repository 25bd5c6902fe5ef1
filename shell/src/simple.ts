import { attr } from "./dom";
import { BoxProp, Component } from "./catalog.gen";
import type { Behaviour } from "./node";

/** A labelled box is a group; one that scrolls can be reached by keyboard, if a table in it does not do that. */
const box: Behaviour = {
  after({ el, vals }) {
    const label = vals[BoxProp.Label];
    const scrolls = !!vals[BoxProp.Scroll];
    attr(el, "role", label || scrolls ? "group" : undefined);
    attr(el, "aria-label", label ? String(label) : undefined);
    attr(el, "tabindex", scrolls && !el.querySelector(":scope > .table") ? 0 : undefined);
  },
};

/** What needs so little that it is always there. */
export const simple: Readonly<Record<number, Behaviour>> = { [Component.Box]: box };
