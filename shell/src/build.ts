import { Component } from "./catalog.gen";
import { attr } from "./dom";
import { parts } from "./loaded";
import type { Control, Owned, Page, Value, VNode } from "./node";
import { Row } from "./rows";
import { type Entry, entries, follow, type Sink } from "./table";

export const entryOf = (node: VNode): Entry => entries[node.kind]!;

/** A part of a node's element; 0 is the element itself. */
export const part = (node: VNode, n: number): HTMLElement => follow(node.el, entryOf(node).paths[n] ?? []);

/** What the person edits. */
export const control = (node: VNode): Control => part(node, 2) as Control;

let ids = 0;

/** An id for an element that another names. The shadow root keeps it apart from the page's. */
export const newId = (): string => `v${++ids}`;

/** What attributes call some values of enums. */
const called: Readonly<Record<string, string>> = { off: "false", on: "true", sortable: "none", datetime: "datetime-local" };

function show(node: VNode, sink: Sink, value: Value, words: string | undefined, page: Page): void {
  const { part: n, how, name, constant } = sink;
  const el = n ? part(node, n) : node.el;
  if (how === "=") (el.firstChild as Text).data = words ?? "";
  else if (how === "#") page.rule(node, words ? `--n:${words}` : "");
  else if (how === "~" || how === ".") parts.field!(node, sink, value, words);
  else if (constant !== undefined) attr(el, name, value ? constant : undefined);
  else attr(el, name, typeof value === "boolean" ? value : name.startsWith("aria-") && (!words || words === "none") ? undefined : words && (called[words] ?? words));
}

/** Sets a property and shows it. */
export function set(node: VNode, number: number, value: Value, page: Page): void {
  const { props, does } = entryOf(node);
  const { kind, list, sinks, mere } = props[number]!;
  node.vals[number] = value;
  if (does.set?.(node, number, value, page)) return;
  const words = value === undefined ? value : kind === "e" ? list[value as number] : kind === "a" ? page.asset(value as string) : String(value);
  if (mere) (node.words ??= node.el.firstChild as Text).data = words ?? "";
  else for (const sink of sinks) show(node, sink, value, words, page);
  if (does.after) page.later(node);
}

/** Says which events a node sends. */
export function bind(node: VNode, bound: number, page: Page): void {
  const { on, does } = entryOf(node);
  node.bound = bound;
  if (on["press"] !== undefined) attr(node.el, "tabindex", bound & 1 ? 0 : undefined);
  does.bind?.(node, page);
}

/** Makes the element of a node that was read, with all in it. */
export function build(node: VNode | Row, page: Page): HTMLElement {
  if (node instanceof Row) return node.build(page);
  const { does, proto } = entryOf(node);
  const el = (node.el = proto.cloneNode(true) as Owned);
  el.owner = node;
  does.make?.(node, page);
  for (let n = node.vals.length; n--;) if (node.vals[n] !== undefined) set(node, n, node.vals[n], page);
  if (node.bound || does.bind) bind(node, node.bound, page);
  if (does.after) page.later(node);
  for (const kid of node.kids) container(node, kid).append(build(kid, page));
  node.kids = [];
  return el;
}

/** The element that holds a child of a node. */
function container(node: VNode, kid: VNode | Row): Element {
  const { does, into } = entryOf(node);
  if (node.kind === Component.Cell) enrich(node);
  return does.into?.(node, kid as VNode) ?? part(node, into);
}

/** Notes that cells of the table around a node hold more than text: their lines may break then. */
export function enrich(node: VNode | undefined): void {
  while (node && node.kind !== Component.Table) node = node.up;
  if (!node || node.own) return;
  node.own = true;
  attr(node.el, "data-rich", true);
}

/** Moves what stands in the page with its focus and scroll positions, where the browser can. */
export const move = (into: Element, el: Node, ref: Node | null): void =>
  void into[el.isConnected && into.isConnected && "moveBefore" in into ? "moveBefore" : "insertBefore"](el as Element, ref);

/** Puts nodes before one of their siblings, or at the end, all at once; one that stands elsewhere may have left a mark. */
function put(kid: VNode | Row, el: Node, before: VNode | undefined, page: Page): void {
  const up = kid.up!;
  const into = container(up, kid);
  const mark = before?.own as Node | undefined;
  const ref = before?.el.parentNode === into ? before.el : mark?.parentNode === into ? mark! : null;
  if (el.parentNode !== into || el.nextSibling !== ref) move(into, el, ref);
  told(kid, page);
}

/** Has what a node stands in look at what stands in it now; of rows there are many, and a table does not care. */
function told({ kind, up }: VNode | Row, page: Page): void {
  if (up && kind !== Component.Row && entryOf(up).does.after) page.later(up);
}

/** Puts a node among its siblings. */
export const place = (node: VNode, before: VNode | undefined, page: Page): void => put(node, node.el, before, page);

/** Puts new siblings of one component among those that stand. */
export function placeAll(nodes: readonly (VNode | Row)[], before: VNode | undefined, page: Page): void {
  const all = document.createDocumentFragment();
  for (const node of nodes) all.append(build(node, page));
  put(nodes[0]!, all, before, page);
}

/** The node that an element stands for; one of a row that nobody has asked for is made. */
export const ownerOf = ({ owner }: Owned): VNode | undefined => (owner instanceof Row ? owner.all() : owner);

/** Takes nodes out of the page, with all in them, at the same price however much that is. */
export function drop(nodes: readonly VNode[], page?: Page): void {
  const into = nodes[0]!.el.parentElement;
  for (const node of nodes) {
    node.gone = true;
    if (page) told(node, page);
  }
  // Nothing stays: one step instead of many.
  if (nodes[1] && into?.childElementCount === nodes.length && nodes.every(({ el }) => el.parentNode === into)) into.replaceChildren();
  else for (const { el } of nodes) el.remove();
}
