import { attr, control, entryOf, maxPayload, newId, part, write } from "../core";
import type { Behaviour, Page, Value, VNode } from "../node";
import type { Sink } from "../table";

/** Puts a value into a control and keeps the caret where it was. */
function enter(input: HTMLInputElement, value: string): void {
  if (input.value === value) return;
  const focused = input.matches(":focus");
  const { selectionStart, selectionEnd } = input;
  input.value = value;
  if (focused && selectionStart !== null) input.setSelectionRange(selectionStart, selectionEnd);
}

/** Shows what helps and what is wrong below a field, and ties both to it. */
function tell(node: VNode, n: number, words: string): void {
  const input = control(node);
  const help = [part(node, 3), part(node, 4)];
  part(node, n).textContent = words;
  for (const p of help) p.id ||= newId();
  attr(input, "aria-describedby", help.filter((p) => p.textContent).map((p) => p.id).join(" ") || undefined);
  if (n > 3) attr(input, "aria-invalid", words ? "true" : undefined);
}

/** Shows what only fields have: their values, help and errors. */
export function field(node: VNode, { part: n, how, name }: Sink, value: Value, words = ""): void {
  const el = part(node, n) as HTMLInputElement;
  if (how === "~") tell(node, n, words);
  else if (name === "value") enter(el, words);
  else el[name as "checked" | "indeterminate"] = !!value;
}

/** The fields that say why they have not taken a text. */
const full = new WeakSet<VNode>();

/** Keeps a text that cannot be sent out of a field, and says so until something else is typed: what is shown is what the plugin can know. */
function refuse(node: VNode, input: HTMLInputElement, type: string): boolean {
  const { value = "" } = input; // the control of radios is what they are in
  const bad = value.length * 3 > maxPayload - 9 && write(value).length > maxPayload;
  if (bad) {
    enter(input, String(node.vals[0] ?? ""));
    full.add(node);
    tell(node, 4, "That is too long: 64 KiB of text are the most. What was there before is kept.");
  } else if (type !== "change" && full.delete(node)) tell(node, 4, String(node.vals[entryOf(node).props.findIndex(({ sinks }) => sinks.some(({ part: n, how }) => n === 4 && how === "~"))] ?? ""));
  return bad;
}

/** What the table says of a field's events; true when the event is dealt with. */
function edit(node: VNode, event: Event, page: Page): boolean | void {
  const { on, off, props } = entryOf(node);
  const { type, target } = event;
  const { key, isComposing } = event as KeyboardEvent;
  if (type === "focusout") return page.release(node);
  if (off >= 0 && node.vals[off]) return type === "click";
  const input = control(node) as HTMLInputElement;
  if (key === "Enter" && on["enter"] !== undefined && !isComposing && input.localName === "input" && target === input) page.emit(node, on["enter"], input.value);
  if (!/^(compositionend|input|change)$/.test(type)) return;
  const { kind } = props[0]!;
  if (kind === "t" && !isComposing && refuse(node, input, type)) return true;
  // While a text is composed it is not told of.
  page.enter(node, kind === "b" ? input.checked : kind === "n" ? input.valueAsNumber : input.value, isComposing ? undefined : on[type === "compositionend" ? "input" : type]);
  return true;
}

/** Components that a person edits: what they do not answer themselves is answered as the table says. */
export const edited = (all: Readonly<Record<number, Behaviour>>): Record<number, Behaviour> =>
  Object.fromEntries(Object.entries(all).map(([kind, does]) => [kind, { ...does, on: (...what) => does.on?.(...what) || edit(...what) }]));
