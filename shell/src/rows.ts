import { build, enrich, set } from "./build";
import { Component } from "./catalog.gen";
import { isGone, type Owned, type Page, type Value, VNode } from "./node";
import { entries } from "./table";

/** A property that differs from row to row. */
interface Hole { node: number; prop: number }

/** A shape that siblings have in common. */
export interface Shape {
  /** Its nodes in depth-first order, whose ids are their places in it. */
  nodes: VNode[];
  /** What columns fill. */
  holes: Hole[];
  depth: number;
  /** How many properties it has. */
  count: number;
  /** The element that rows are clones of, how each node is found in it, and whether there is more than text in a cell. */
  proto?: Owned | undefined;
  ways: number[][];
  rich: boolean;
}

/** A row of a shape. Until somebody asks for one of its nodes it costs an element and this. */
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
    return this.shape.nodes[0]!.kind;
  }

  /** One of its nodes, made with those that it is in. */
  node(n: number): VNode {
    const made = (this.made ??= []);
    const known = made[n];
    if (known) return known;
    const { nodes, holes } = this.shape;
    const { kind, up, vals, bound } = nodes[n]!;
    const node = (made[n] = new VNode(this.id + n, kind, n ? this.node(up!.id) : this.up, vals.slice()));
    node.bound = bound;
    holes.forEach((hole, i) => {
      if (hole.node === n) node.vals[hole.prop] = this.columns[i]![this.row];
    });
    if (this.el) this.adopt(n);
    return node;
  }

  /** Its first node, when all are made. */
  all(): VNode {
    if (!this.whole) {
      this.whole = true;
      this.shape.nodes.forEach((_, n) => this.node(n));
      if (this.el) this.claim();
    }
    return this.made![0]!;
  }

  /** Its first node with its children, as if it had come without a template. */
  tree(): VNode {
    const first = this.all();
    for (const node of this.made!) if (node !== first) node.up!.kids.push(node);
    return first;
  }

  /** Gives a node its element. */
  private adopt(n: number): void {
    this.made![n]!.el = walk(this.el, this.shape.ways[n]!) as Owned;
  }

  /** Has the elements say whose they are: until all nodes are made, that of the row says that it is the row's. */
  private claim(): void {
    for (const node of this.made!) node.el.owner = node;
  }

  /** Makes the element by cloning that of the shape; where components do something with theirs, node by node. */
  build(page: Page): HTMLElement {
    const { shape } = this;
    const { proto, holes, ways } = shape;
    if (!proto) {
      const node = this.tree();
      this.el = build(node, page) as Owned;
      form(shape, this.made!);
      return this.el;
    }
    const el = (this.el = proto.cloneNode(true) as Owned);
    this.made?.forEach((_, n) => this.adopt(n));
    if (this.whole) this.claim();
    else el.owner = this;
    if (shape.rich) enrich(this.up);
    for (let n = 0; n < holes.length; n++) {
      const { node, prop } = holes[n]!;
      const value = this.columns[n]![this.row];
      // Most holes are texts: those need no node.
      if (entries[shape.nodes[node]!.kind]!.props[prop]!.mere) (walk(el, ways[node]!).firstChild as Text).data = value as string;
      else set(this.node(node), prop, value, page);
    }
    return el;
  }
}

/** Keeps the element of a row to clone, if its components do nothing with theirs. */
function form(shape: Shape, made: VNode[]): void {
  const root = made[0]!.el;
  const plain = made.every(({ kind }) => {
    const { edits, does: { make, after, bind } } = entries[kind]!;
    return !(edits || make || after || bind);
  });
  if (!plain) return;
  shape.ways = made.map(({ el }) => {
    const way: number[] = [];
    for (let at: Node = el; at !== root; at = at.parentNode!) way.unshift([...at.parentNode!.childNodes].indexOf(at as ChildNode));
    return way;
  });
  shape.rich = made.some(({ up }) => up!.kind === Component.Cell);
  shape.proto = root.cloneNode(true) as Owned;
}

/** The node at the end of a way. */
function walk(el: Node, way: readonly number[]): Node {
  for (let n = 0; n < way.length; n++) {
    el = el.firstChild!;
    for (let step = way[n]!; step--;) el = el.nextSibling!;
  }
  return el;
}
