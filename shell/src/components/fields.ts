import { NumberfieldEvent, NumberfieldProp, SelectEvent, SliderEvent, SliderProp, TextfieldEvent, TextfieldProp } from "../catalog.gen";
import type { Definition, Setter } from "../component";
import { attr, h, newId } from "../dom";
import type { Control, Page, VNode } from "../node";

/** The longest text a field takes when the plugin says nothing; it fits an event in any script. */
const defaultMaxLength = 16_384;

/** A label, a control, and under it what helps and what is wrong. */
export function field(node: VNode, control: Control, inner: HTMLElement = control): HTMLElement {
  const label = (node.parts["label"] = h("label"));
  const hint = (node.parts["hint"] = h("p", "hint"));
  const error = h("p", "error");
  label.htmlFor = control.id = newId();
  hint.id = newId();
  error.id = newId();
  attr(error, "aria-live", "polite");
  node.control = control;
  node.parts["wrong"] = error;
  attr(control, "aria-describedby", `${hint.id} ${error.id}`);
  return h("div", "field", label, inner, hint, error);
}

/** Shows what is wrong with a field, in words and to assistive technology. */
export function showError(node: VNode, error: unknown): void {
  node.parts["wrong"]!.textContent = String(error ?? "");
  attr(node.control!, "aria-invalid", error ? "true" : undefined);
}

const error: Setter = showError;

/** What the person entered is newer than anything the server knows. */
function entered(node: VNode, value: string | number): void {
  node.values[0] = value;
  node.dirty = Infinity;
}

/** Puts a text into a control and keeps the caret where it was. */
function putText(control: HTMLInputElement | HTMLTextAreaElement, value: string): void {
  if (control.value === value) return;
  const { selectionStart, selectionEnd } = control;
  control.value = value;
  if (selectionStart !== null && control.matches(":focus")) control.setSelectionRange(selectionStart, selectionEnd);
}

const inputTypes = ["text", "search", "email", "url"];

/** Puts the control that the type asks for in place of one of another kind. */
function retype(node: VNode, type: number): void {
  const old = node.control as HTMLInputElement | HTMLTextAreaElement;
  const kind = inputTypes[type];
  if (old instanceof HTMLInputElement === !!kind) {
    if (kind) attr(old, "type", kind);
    return;
  }
  const control = kind ? h("input") : h("textarea");
  for (const { name, value } of [...old.attributes]) if (name !== "type") attr(control, name, value);
  if (kind) attr(control, "type", kind);
  control.value = old.value;
  old.replaceWith((node.control = control));
}

/** Leaving a field without a change of its value lets the server's newest one in. */
const focusout = (node: VNode, _event: Event, page: Page): void => page.release(node);

function typed(node: VNode, event: Event, page: Page): boolean {
  const { value } = node.control!;
  entered(node, value);
  if (!(event as InputEvent).isComposing) page.emit(node, TextfieldEvent.Input, value);
  return true;
}

export const textfield: Definition = {
  make: (node) => {
    const el = field(node, h("input"));
    attr(node.control!, "maxlength", defaultMaxLength);
    attr(node.control!, "autocomplete", "off");
    return el;
  },
  set: {
    error,
    type: (node, type) => retype(node, Number(type ?? 0)),
    maxlength: (node, most) => attr(node.control!, "maxlength", Number(most ?? defaultMaxLength)),
    value: (node, value) => putText(node.control as HTMLInputElement, String(value ?? "")),
  },
  on: {
    focusout,
    input: typed,
    compositionend: typed,
    change: (node, _event, page) => {
      page.emit(node, TextfieldEvent.Change, node.control!.value);
      return true;
    },
    keydown: (node, event, page) => {
      const { key, isComposing } = event as KeyboardEvent;
      if (key !== "Enter" || isComposing || node.values[TextfieldProp.Type] === inputTypes.length) return;
      page.emit(node, TextfieldEvent.Submit, node.control!.value);
    },
  },
};

const unit: Setter = (node, text) => (node.parts["units"]!.textContent = String(text ?? ""));

const isNumber = (n: unknown): n is number => typeof n === "number" && Number.isFinite(n);

export const numberfield: Definition = {
  make: (node) => {
    const input = h("input");
    input.type = "number";
    const units = (node.parts["units"] = h("span", "unit"));
    return field(node, input, h("div", "with-unit", input, units));
  },
  set: { error, unit, value: (node, value) => putText(node.control as HTMLInputElement, String(value ?? "")) },
  on: {
    focusout,
    input: (node) => {
      node.dirty = Infinity;
      return true;
    },
    change: (node, _event, page) => {
      const input = node.control as HTMLInputElement;
      const { [NumberfieldProp.Min]: min, [NumberfieldProp.Max]: max } = node.values;
      let n = input.valueAsNumber;
      if (isNumber(n)) {
        if (isNumber(max)) n = Math.min(n, max);
        if (isNumber(min)) n = Math.max(n, min);
        input.valueAsNumber = n;
        entered(node, n);
        page.emit(node, NumberfieldEvent.Change, n);
      } else {
        input.value = String(node.values[0] ?? "");
        page.release(node);
      }
      return true;
    },
  },
};

export const select: Definition = {
  make: (node) => {
    const control = h("select");
    node.refresh = () => {
      const value = node.values[0];
      if (value === undefined) control.selectedIndex = -1;
      else control.value = String(value);
    };
    return field(node, control, h("div", "choice", control));
  },
  set: { error, value: () => undefined },
  into: (node) => node.control!,
  on: {
    focusout,
    change: (node, _event, page) => {
      entered(node, node.control!.value);
      page.emit(node, SelectEvent.Change, node.control!.value);
      return true;
    },
  },
};

export const option: Definition = {
  make: (node) => (node.parts["text"] = h("option")),
  set: {
    value: (node, value, page) => {
      attr(node.el, "value", String(value ?? ""));
      if (node.parent) page.later(node.parent);
    },
    disabled: (node, disabled) => attr(node.el, "disabled", !!disabled),
  },
};

function slid(node: VNode): number {
  const n = (node.control as HTMLInputElement).valueAsNumber;
  entered(node, n);
  node.refresh!();
  return n;
}

export const slider: Definition = {
  make: (node) => {
    const input = h("input");
    input.type = "range";
    const output = h("output");
    const el = field(node, input);
    el.prepend(h("div", "head", node.parts["label"]!, output));
    attr(output, "for", input.id);
    node.refresh = () => {
      const value = Number(node.values[SliderProp.Value] ?? 0);
      if (input.valueAsNumber !== value) input.value = String(value);
      const unit = node.values[SliderProp.Unit];
      output.value = `${Number(value.toPrecision(12)).toLocaleString()}${unit ? ` ${String(unit)}` : ""}`;
      attr(input, "aria-valuetext", output.value);
    };
    return el;
  },
  set: { value: () => undefined, unit: () => undefined, step: (node, step) => attr(node.control!, "step", Number(step ?? 1) || "any") },
  on: {
    focusout,
    input: (node, _event, page) => {
      page.emit(node, SliderEvent.Input, slid(node));
      return true;
    },
    change: (node, _event, page) => {
      page.emit(node, SliderEvent.Change, slid(node));
      return true;
    },
  },
};
