import { Component, FieldsetEvent, NumberfieldProp, RadiogroupProp, RadioProp, SliderProp, TextfieldProp } from "../catalog.gen";
import type { Behaviour, VNode } from "../node";
import { attr, chosen, control, kidsIn, newId, ownerOf, part } from "../core";
import { edited } from "./edits";
import { amount } from "./units";

const inputOf = (node: VNode): HTMLInputElement => control(node) as HTMLInputElement;

const inputTypes = ["text", "search", "email", "url", "", "tel"];
const defaultMaxLength = 16_384;

/** Several lines are an element of another kind. */
const textfield: Behaviour = {
  set(node, number, value) {
    const old = inputOf(node);
    if (number === TextfieldProp.Maxlength && value === undefined) attr(old, "maxlength", defaultMaxLength);
    if (number !== TextfieldProp.Type) return number === TextfieldProp.Maxlength && value === undefined;
    const type = inputTypes[Number(value ?? 0)]!;
    const tag = type ? "input" : "textarea";
    if (old.localName !== tag) {
      const other = document.createElement(tag);
      for (const { name, value: was } of old.attributes) if (name !== "type") attr(other, name, was);
      other.value = old.value;
      old.replaceWith(other);
    }
    if (type) attr(inputOf(node), "type", type);
    return true;
  },
};

/** A number is within its bounds, or it is what it was. */
const numberfield: Behaviour = {
  on(node, event, page) {
    const input = inputOf(node);
    if (event.type === "input") return (node.dirty = Infinity), true;
    if (event.type !== "change") return;
    const { [NumberfieldProp.Min]: min, [NumberfieldProp.Max]: max } = node.vals;
    if (Number.isFinite(input.valueAsNumber)) {
      input.valueAsNumber = Math.max(Number(min ?? -Infinity), Math.min(Number(max ?? Infinity), input.valueAsNumber));
      page.enter(node, input.valueAsNumber, 0);
    } else {
      input.value = String(node.vals[0] ?? "");
      page.release(node);
    }
    return true;
  },
};

const select: Behaviour = {
  after(node) {
    const choice = control(node) as HTMLSelectElement;
    if (node.vals[0] === undefined) choice.selectedIndex = -1;
    else choice.value = String(node.vals[0]);
  },
};

const slider: Behaviour = {
  after(node) {
    const input = inputOf(node);
    const { [SliderProp.Value]: value, [SliderProp.Step]: step, [SliderProp.Unit]: unit } = node.vals;
    attr(input, "step", Number(step ?? 1) || "any");
    if (input.valueAsNumber !== value) input.value = String(value);
    const words = amount(Number(value), 12, unit);
    part(node, 5).textContent = words;
    attr(input, "aria-valuetext", words);
  },
  on: (node, event, page) => void (event.type === "input" && page.later(node)),
};

const combobox: Behaviour = {
  make: (node) => attr(inputOf(node), "list", (part(node, 5).id = newId())),
};

/** The buttons of a group have one name. */
const radiogroup: Behaviour = {
  make: (node) => void (node.own = newId()),
  after(node) {
    for (const el of kidsIn(part(node, 2))) {
      const radio = ownerOf(el)!;
      const input = inputOf(radio);
      input.name = String(node.own);
      input.checked = radio.vals[RadioProp.Value] === node.vals[RadiogroupProp.Value];
      input.disabled = !!(radio.vals[RadioProp.Disabled] || node.vals[RadiogroupProp.Disabled]);
    }
  },
  on(node, event, page) {
    if (event.type !== "change") return;
    page.enter(node, (event.target as HTMLInputElement).value, 0);
    return true;
  },
};

/** Enter in a field of one line submits what it is in, after the field has told what it holds: a browser says "change" at the end of the key's way. */
const fieldset: Behaviour = {
  make(node, page) {
    node.el.addEventListener("keypress", ({ isTrusted, key, target }) => {
      const { localName, type } = target as HTMLInputElement;
      if (isTrusted && key === "Enter" && localName === "input" && !/^(checkbox|radio|file|range)$/.test(type)) setTimeout(() => page.emit(node, FieldsetEvent.Submit));
    });
  },
};

/** What fields do. */
export const fields: Readonly<Record<number, Behaviour>> = {
  ...edited({
    [Component.Textfield]: textfield, [Component.Numberfield]: numberfield, [Component.Select]: select, [Component.Slider]: slider,
    [Component.Combobox]: combobox, [Component.Radiogroup]: radiogroup, [Component.Checkbox]: {}, [Component.Switch]: {}, [Component.Datefield]: {},
  }),
  [Component.Option]: chosen, [Component.Radio]: chosen, [Component.Fieldset]: fieldset,
};
