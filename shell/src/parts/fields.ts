import { Component, FieldsetEvent, NumberfieldProp, RadiogroupProp, RadioProp, SliderProp, TextfieldProp } from "../catalog.gen";
import type { Behaviour, VNode } from "../node";
import { chosen, core, given, kidsIn } from "./tools";

const inputOf = (node: VNode): HTMLInputElement => core.control(node) as HTMLInputElement;

const inputTypes = ["text", "search", "email", "url", "", "tel"];
const defaultMaxLength = 16_384;

/** Several lines are an element of another kind. */
export const textfield: Behaviour = {
  set(node, number, value) {
    const old = inputOf(node);
    if (number === TextfieldProp.Maxlength && value === undefined) core.attr(old, "maxlength", defaultMaxLength);
    if (number !== TextfieldProp.Type) return number === TextfieldProp.Maxlength && value === undefined;
    const type = inputTypes[Number(value ?? 0)]!;
    const tag = type ? "input" : "textarea";
    if (old.localName !== tag) {
      const control = document.createElement(tag);
      for (const { name, value: was } of old.attributes) if (name !== "type") core.attr(control, name, was);
      control.value = old.value;
      old.replaceWith(control);
    }
    if (type) core.attr(inputOf(node), "type", type);
    return true;
  },
};

/** A number is within its bounds, or it is what it was. */
export const numberfield: Behaviour = {
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

export const select: Behaviour = {
  after(node) {
    const control = core.control(node) as HTMLSelectElement;
    if (node.vals[0] === undefined) control.selectedIndex = -1;
    else control.value = String(node.vals[0]);
  },
};

export const slider: Behaviour = {
  after(node) {
    const input = inputOf(node);
    const { [SliderProp.Value]: value, [SliderProp.Step]: step, [SliderProp.Unit]: unit } = node.vals;
    core.attr(input, "step", Number(step ?? 1) || "any");
    if (input.valueAsNumber !== value) input.value = String(value);
    const words = `${Number(Number(value).toPrecision(12)).toLocaleString()}${unit ? ` ${String(unit)}` : ""}`;
    core.part(node, 5).textContent = words;
    core.attr(input, "aria-valuetext", words);
  },
  on: (node, event, page) => void (event.type === "input" && page.later(node)),
};

export const combobox: Behaviour = {
  make: (node) => core.attr(inputOf(node), "list", (core.part(node, 5).id = core.newId())),
};

/** The buttons of a group have one name. */
export const radiogroup: Behaviour = {
  make: (node) => void (node.own = core.newId()),
  after(node) {
    for (const el of kidsIn(core.part(node, 2))) {
      const radio = core.ownerOf(el)!;
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

/** Enter in a field of one line submits what it is in. */
export const fieldset: Behaviour = {
  on(node, event, page) {
    const el = event.target as HTMLInputElement;
    if (event.type === "keydown" && (event as KeyboardEvent).key === "Enter" && el.localName === "input" && !(event as KeyboardEvent).isComposing && !/^(checkbox|radio|file|range)$/.test(el.type)) page.emit(node, FieldsetEvent.Submit);
  },
};

export const part = given({
  does: {
    [Component.Option]: chosen, [Component.Radio]: chosen,
    [Component.Textfield]: textfield, [Component.Numberfield]: numberfield, [Component.Select]: select, [Component.Slider]: slider,
    [Component.Combobox]: combobox, [Component.Radiogroup]: radiogroup, [Component.Fieldset]: fieldset,
  },
});
