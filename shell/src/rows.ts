import { container, dress, enrich, own, set } from "./build";
import { Component } from "./catalog.gen";
import { isGone, type Owned, type Page, type Value, VNode } from "./node";
import { entries } from "./table";
import { type Draft, fits, makes } from "./tree";
import { Form, formOf, readColumn, readRaw, valueOf } from "./values";
import { fail, uint } from "./wire";

const maxShapes = 64;
const maxShapeNodes = 64;
const maxShapeProps = 256;

/** A property that differs from row to row; mere if it is the text of an element and nothing else. */
interface Hole { node: number; prop: number; mere?: boolean }

/** A shape that siblings have in common: its nodes in depth-first order, with the columns that fill its holes. */
export interface Shape {
  kinds: number[];
  /** The number of the node that each stands in, -1 for the first. */
  ups: number[];
  vals: Value[][];
  bound: number[];
  holes: Hole[];
  depth: number;
  /** How many properties it has. */
  count: number;
  proto?: Owned;
  /** Whether an element is all that a row needs. */
  plain: boolean;
  /** Whether there is more than text in a cell. */
  rich?: boolean;
  /** How each node is found in the element: from the element of the node above. */
  ways?: number[][];
}

/** Siblings of one shape, of which nobody has asked for one yet cost an element and this. */
export class Row {
  el!: Owned;
  private made: VNode[] | undefined;
  /** Whether all nodes are made. */
  private whole = false;

  constructor(readonly id: number, readonly up: VNode, readonly shape: Shape, private readonly columns: readonly Value[][], private readonly row: number) {}

  /** Whether it was taken out of the page. */
  get gone(): boolean {
    return isGone(this.made?.[0] ?? this.up);
  }

  get kind(): number {
    return this.shape.kinds[0]!;
  }

  /** Its nodes. */
  nodes(): VNode[] {
    if (!this.whole) {
      this.shape.kinds.forEach((_, n) => this.node(n));
      this.whole = true;
      if (this.el) this.el.owner = this.made![0]!;
    }
    return this.made!;
  }

  /** One of its nodes, made with those that it is in. */
  node(n: number): VNode {
    const made = (this.made ??= []);
    if (made[n]) return made[n];
    const { kinds, ups, vals, bound, holes } = this.shape;
    const node = (made[n] = new VNode(this.id + n, kinds[n]!, n ? this.node(ups[n]!) : this.up, vals[n]!.slice()));
    node.bound = bound[n]!;
    for (let i = 0; i < holes.length; i++) if (holes[i]!.node === n) node.vals[holes[i]!.prop] = this.columns[i]![this.row];
    if (this.el) this.adopt(node, n);
    return node;
  }

  /** Gives a node its element. That of the row is the row's own until all nodes are made. */
  private adopt(node: VNode, n: number): void {
    node.el = walk(this.el, this.shape.ways![n]!) as Owned;
    if (n) node.el.owner = node;
  }

  /** Makes the element by cloning the first of the shape. */
  build(page: Page): HTMLElement {
    const { shape } = this;
    if (!shape.proto || !shape.plain) return this.slow(page);
    this.el = shape.proto.cloneNode(true) as Owned;
    this.made?.forEach((node, n) => this.adopt(node, n));
    this.el.owner = this.whole ? this.made![0]! : this;
    if (shape.rich) enrich(this.up);
    for (let n = 0; n < shape.holes.length; n++) {
      const { node, prop, mere } = shape.holes[n]!;
      const value = this.columns[n]![this.row];
      // Most holes are texts: those need no node.
      if (mere) (walk(this.el, shape.ways![node]!).firstChild as Text).data = value as string;
      else set(this.node(node), prop, value, page);
    }
    return this.el;
  }

  /** Builds node by node; what has no holes becomes the element that the next ones are cloned from. */
  private slow(page: Page): HTMLElement {
    const { shape } = this;
    this.nodes().forEach((node, n) => {
      own(node, entries[node.kind]!.proto.cloneNode(true) as Owned);
      if (n) container(node.up!, node).append(node.el);
    });
    for (const node of this.made!) dress(node, page);
    this.el = this.made![0]!.el;
    if (!shape.proto) {
      shape.plain &&= shape.kinds.every((kind) => {
        const { make, after, bind } = entries[kind]!.does;
        return !make && !after && !bind;
      });
      for (const hole of shape.holes) {
        const { kind, sinks: [sink, more] } = entries[shape.kinds[hole.node]!]!.props[hole.prop]!;
        hole.mere = kind === "t" && sink?.how === "=" && !sink.part && !more;
      }
      shape.ways = this.made!.map((node) => wayTo(this.el, node.el));
      shape.proto = this.el.cloneNode(true) as Owned;
    }
    return this.el;
  }
}

/** The node at the end of a way. */
function walk(from: Node, way: readonly number[]): Node {
  let el = from;
  for (let step of way) for (el = el.firstChild!; step--;) el = el.nextSibling!;
  return el;
}

function wayTo(root: Node, el: Node): number[] {
  const way: number[] = [];
  for (let at = el; at !== root; at = at.parentNode!) way.unshift([...at.parentNode!.childNodes].indexOf(at as ChildNode));
  return way;
}

/** Reads a template: a node whose properties may be holes. */
function readShape(draft: Draft, shape: Shape, up: VNode | undefined, above: number, depth: number): void {
  const head = uint();
  const node = new VNode(0, Math.floor(head / 8), up);
  fits(node.kind, up, 0);
  const { props, events, needs, edits, part: needsPart } = entries[node.kind]!;
  const at = shape.kinds.length;
  if (at >= maxShapeNodes) fail("a large template");
  shape.depth = Math.max(shape.depth, depth);
  if (edits) shape.plain = false;
  if (needsPart) draft.wants.add(needsPart);
  shape.kinds.push(node.kind);
  shape.ups.push(above);
  shape.vals.push(node.vals);
  let given = 0;
  if (head & 1) {
    let last = -1;
    for (let n = uint(props.length) || fail("none"); n--;) {
      const tag = uint();
      const number = Math.floor(tag / 4);
      const prop = props[number];
      if (!prop || number <= last || ++shape.count > maxShapeProps) return fail("out of order");
      if (tag % 4 < Form.Hole) node.vals[number] = valueOf(prop, tag % 4, readRaw(tag % 4, draft.strings));
      else if (uint() === formOf(prop)) shape.holes.push({ node: at, prop: number });
      else fail("wrong form");
      given |= 1 << (last = number);
    }
  }
  if ((given & needs) !== needs) fail("lacks a property");
  shape.bound.push(head & 2 ? uint(2 ** events.length - 1) || fail("none") : 0);
  if (head & 4) for (let n = uint() || fail("none"); n--;) readShape(draft, shape, node, at, depth + 1);
}

/** Reads rows of a template, before them the template if it is new. */
export function readRun(draft: Draft, up: VNode, depth: number, most: number): Row[] {
  const { shapes, fresh, first } = draft;
  const number = uint(Math.min(shapes.length, maxShapes - 1));
  if (number === shapes.length) {
    const shape: Shape = { kinds: [], ups: [], vals: [], bound: [], holes: [], depth: 0, count: 0, plain: true };
    readShape(draft, shape, up, -1, 1);
    shape.rich = shape.ups.some((above) => shape.kinds[above] === Component.Cell);
    shapes.push(shape);
  }
  const shape = shapes[number]!;
  const { kinds, holes } = shape;
  fits(kinds[0]!, up, depth + shape.depth - 1);
  const rows = uint(most) || fail("none");
  makes(draft, rows * Math.max(kinds.length, holes.length));
  const columns = holes.map(({ node, prop }) => {
    const spec = entries[kinds[node]!]!.props[prop]!;
    const form = formOf(spec);
    return readColumn(form, rows, draft.strings, spec.kind === "d").map((raw) => valueOf(spec, form, raw));
  });
  const out: Row[] = [];
  for (let n = 0; n < rows; n++) {
    const row = new Row(first + fresh.length, up, shape, columns, n);
    for (const _ of kinds) fresh.push(row);
    out.push(row);
  }
  return out;
}
