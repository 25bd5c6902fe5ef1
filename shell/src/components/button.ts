import { ButtonEvent, ButtonProp } from "../catalog.gen";
import type { Definition } from "../component";
import { attr, h } from "../dom";

/** A disabled button keeps the focus, so that a keyboard user is not thrown out when it is switched off. */
export const button: Definition = {
  make: (node) => {
    const el = h("button", "button");
    el.type = "button";
    return (node.parts["text"] = el);
  },
  set: {
    disabled: (node, disabled) => attr(node.el, "aria-disabled", disabled ? "true" : undefined),
    pressed: (node, pressed) => attr(node.el, "aria-pressed", pressed ? String(pressed === 2) : undefined),
    label: (node, label) => attr(node.el, "aria-label", label ? String(label) : undefined),
  },
  on: {
    click: (node, _event, page) => {
      if (!node.values[ButtonProp.Disabled]) page.emit(node, ButtonEvent.Click);
      return true;
    },
  },
};
