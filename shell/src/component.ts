import { catalog, Component, Kind } from "./catalog.gen";
import { canvas } from "./components/canvas";
import { numberfield, option, select, slider, textfield } from "./components/fields";
import { filefield } from "./components/filefield";
import { box, heading, image, progress, text } from "./components/content";
import { button } from "./components/button";
import { cell, column, row, table } from "./components/table";
import { attr, h, own, ownerOf, put } from "./dom";
import type { Page, Value, VNode } from "./node";

/** Shows the value of a property. */
export type Setter = (node: VNode, value: Value, page: Page) => void;

/** How a component stands in the page. */
export interface Definition {
  /** Makes the element and its parts; properties are set afterwards, the value (number 0) last. */
  make(node: VNode, page: Page): HTMLElement;
  /** Shows properties by name, where the shared setters and the attribute `data-name` do not. */
  readonly set?: Readonly<Record<string, Setter>>;
  /** The element that holds a child, the node's own if left out. */
  into?(node: VNode, child: VNode): Element;
  /** Shows which events are bound. */
  bind?(node: VNode, page: Page): void;
  /** Answers what a person does inside the element; true when it is dealt with. */
  readonly on?: Readonly<Record<string, (node: VNode, event: Event, page: Page) => boolean | void>>;
}

/** What has no definition of its own yet stands in the page as a plain box. */
const plain: Definition = { make: () => h("div") };

const definitions: Readonly<Partial<Record<Component, Definition>>> = {
  [Component.Box]: box,
  [Component.Text]: text,
  [Component.Heading]: heading,
  [Component.Button]: button,
  [Component.Textfield]: textfield,
  [Component.Numberfield]: numberfield,
  [Component.Select]: select,
  [Component.Option]: option,
  [Component.Slider]: slider,
  [Component.Table]: table,
  [Component.Column]: column,
  [Component.Row]: row,
  [Component.Cell]: cell,
  [Component.Progress]: progress,
  [Component.Image]: image,
  [Component.Canvas]: canvas,
  [Component.Filefield]: filefield,
};

/** The attributes of a control that are properties of the same name. */
const controlAttributes = new Set(["min", "max", "step", "placeholder", "maxlength", "accept", "disabled"]);

/** How a node's component stands in the page. */
export const definitionOf = (node: VNode): Definition => definitions[node.component as Component] ?? plain;

/** Sets a property and shows it. */
export function set(node: VNode, number: number, value: Value, page: Page): void {
  node.values[number] = value;
  const [name = "", kind, values] = catalog[node.component]?.[1][number] ?? [];
  const setter = definitionOf(node).set?.[name];
  const part = node.parts[name];
  if (setter) setter(node, value, page);
  else if (part) part.textContent = String(value ?? "");
  else if (node.control && controlAttributes.has(name)) attr(node.control, name, value as string | number | boolean | undefined);
  else if (kind === Kind.Enum) attr(node.el, `data-${name}`, value ? values?.[value as number] : undefined);
  else if (kind === Kind.Bool) attr(node.el, `data-${name}`, !!value);
  if (node.refresh) page.later(node);
}

/** Says which events a node sends. */
export function bind(node: VNode, bound: number, page: Page): void {
  node.bound = bound;
  definitionOf(node).bind?.(node, page);
}

/** Makes the element of a node that was read, with all in it. */
export function build(node: VNode, page: Page): HTMLElement {
  own(node, definitionOf(node).make(node, page));
  for (let n = node.values.length; n--;) {
    if (node.values[n] !== undefined) set(node, n, node.values[n], page);
  }
  bind(node, node.bound, page);
  for (const child of node.children) {
    build(child, page);
    container(child).append(child.el);
  }
  node.children = [];
  if (node.refresh) page.later(node);
  return node.el;
}

/** Puts a node among its siblings, before one of them or at the end. */
export function place(node: VNode, before: VNode | undefined, page: Page): void {
  const into = container(node);
  put(into, node.el, before?.el.parentNode === into ? before.el : null);
  if (node.parent) page.later(node.parent);
}

function container(node: VNode): Element {
  const parent = node.parent;
  return parent ? (definitionOf(parent).into?.(parent, node) ?? parent.el) : node.el;
}

/** Lets go of a node and all in it, and returns them. */
export function clear(node: VNode): VNode[] {
  const gone = [node];
  for (const el of node.el.querySelectorAll("*")) {
    const inside = ownerOf(el);
    if (inside) gone.push(inside);
  }
  for (const each of gone) {
    each.gone = true;
    each.drop?.();
  }
  return gone;
}
