import { catalog, Kind } from "./catalog.gen";
import { bind, build, clear, place, set } from "./component";
import { morph } from "./morph";
import { type Page, type Value, VNode } from "./node";
import { readDrawing } from "./drawing";
import { fail, Reader, text, unzigzag } from "./wire";

const enum Op { Text = 1, Set, Unset, Insert, Delete, Move, On, Off, Value }
const enum Form { Number, Bytes, Float }

const opSize = 16;
const maxDepth = 64;
const internMin = 3;
const internMax = 64;
const internCount = 1024;

/** Changes the page as a frame said; the frame has been checked in full. */
export type Apply = () => void;

/** What a node may be asked for while a frame is read: nodes that are new in it, and not those it deletes. */
interface Draft {
  next: number;
  added: Map<number, VNode>;
  deleted: Set<VNode>;
  /** Which properties of nodes are there, where that changes: a bit for each. */
  given: Map<VNode, number>;
}

/**
 * The tree of one mount. A frame is read and checked first; nothing changes before its Apply is
 * called, and an Apply does not fail.
 */
export class Tree {
  root?: VNode;
  private nodes = new Map<number, VNode>();
  private strings: Uint8Array[] = [];
  private next = 1;

  constructor(private readonly page: Page, private readonly show: (root: HTMLElement) => void) {}

  /** The node with an id, undefined if there is none. */
  get(id: number): VNode | undefined {
    return this.nodes.get(id);
  }

  /** Lets go of all nodes. */
  end(): void {
    if (this.root) clear(this.root);
  }

  /**
   * Reads the body of a SNAP. With kept, which is the last event that it answers, it continues what
   * is shown: elements stay where they are, with their focus and what the person entered since.
   */
  snap(r: Reader, kept?: number): Apply {
    const strings: Uint8Array[] = [];
    const draft: Draft = { next: 1, added: new Map(), deleted: new Set(), given: new Map() };
    const root = readNode(r, draft, strings);
    r.end();
    return () => {
      const old = this.root;
      [this.nodes, this.strings, this.next] = [draft.added, strings, draft.next];
      if (old && kept !== undefined && old.component === root.component) return morph(old, root, this.nodes, this.page, kept);
      if (old) clear(old);
      this.root = root;
      this.show(build(root, this.page));
    };
  }

  /** Reads the body of a PATCH that answers events up to ackEv. */
  patch(r: Reader, ackEv: number): Apply {
    const known = this.strings.length;
    try {
      return this.read(r, ackEv);
    } catch (e) {
      this.strings.length = known;
      throw e;
    }
  }

  private read(r: Reader, ackEv: number): Apply {
    const draft: Draft = { next: this.next, added: new Map(), deleted: new Set(), given: new Map() };
    const todo: Apply[] = [];
    for (let id = 0; r.left();) {
      const head = r.number();
      id += unzigzag(Math.floor(head / opSize));
      todo.push(this.op(r, head % opSize, this.find(id, draft), draft, ackEv));
    }
    return () => {
      this.next = draft.next;
      for (const [id, node] of draft.added) this.nodes.set(id, node);
      for (const step of todo) step();
    };
  }

  private find(id: number, draft: Draft): VNode {
    const node = this.nodes.get(id) ?? draft.added.get(id) ?? fail(`there is no node ${id}`);
    for (let above: VNode | undefined = node; above; above = above.parent) {
      if (draft.deleted.has(above)) fail(`node ${id} is deleted`);
    }
    return node;
  }

  private op(r: Reader, op: number, node: VNode, draft: Draft, ackEv: number): Apply {
    switch (op) {
      case Op.Text: {
        const value = readBytes(r, node, 0, this.strings);
        give(draft, node, 0);
        return () => set(node, 0, value, this.page);
      }
      case Op.Set:
      case Op.Value: {
        const [number, value] = readValue(r, node, this.strings);
        give(draft, node, number);
        return () => {
          if (op === Op.Value && node.dirty > ackEv) node.held = { value };
          else set(node, number, value, this.page);
        };
      }
      case Op.Unset: {
        const number = r.number(propsOf(node).length - 1);
        take(draft, node, number);
        // A field without a value belongs to the person.
        return () => {
          if (number || !node.control) set(node, number, undefined, this.page);
        };
      }
      case Op.Insert: {
        const before = this.sibling(r, node, node, draft);
        const child = readNode(r, draft, this.strings, node);
        return () => {
          build(child, this.page);
          place(child, before, this.page);
        };
      }
      case Op.Delete:
        if (!node.parent) fail("the root cannot be deleted");
        draft.deleted.add(node);
        return () => {
          for (const gone of clear(node)) this.nodes.delete(gone.id);
          node.el.remove();
          if (node.parent) this.page.later(node.parent);
        };
      case Op.Move: {
        const before = this.sibling(r, node, node.parent ?? fail("the root cannot move"), draft);
        return () => place(node, before, this.page);
      }
      case Op.On:
      case Op.Off: {
        const bit = 1 << r.number((catalog[node.component]?.[2].length ?? 0) - 1);
        return () => bind(node, op === Op.On ? node.bound | bit : node.bound & ~bit, this.page);
      }
    }
    return fail(`there is no op ${op}`);
  }

  /** Reads a place: the child of parent to stand before, undefined for the end. */
  private sibling(r: Reader, node: VNode, parent: VNode, draft: Draft): VNode | undefined {
    const delta = r.zigzag();
    if (!delta) return undefined;
    const before = this.find(node.id + delta, draft);
    return before.parent === parent ? before : fail(`node ${before.id} is not a sibling`);
  }
}

const propsOf = (node: VNode) => catalog[node.component]?.[1] ?? [];

function readNode(r: Reader, draft: Draft, strings: Uint8Array[], parent?: VNode, depth = depthOf(parent)): VNode {
  const head = r.number();
  const node = new VNode(draft.next++, Math.floor(head / 8), parent);
  const entry = catalog[node.component] ?? fail(`there is no component ${node.component}`);
  const [, , events, needs, , picky] = entry;
  const holds = parent && catalog[parent.component]?.[4];
  if (parent ? !(holds === 1 ? !picky : holds?.includes(node.component)) : picky) fail(`${entry[0]} cannot stand here`);
  if (depth >= maxDepth) fail("nodes nest too deep");
  draft.added.set(node.id, node);
  if (head & 1) {
    let last = -1;
    for (let n = r.number(propsOf(node).length); n--;) {
      const [number, value] = readValue(r, node, strings);
      if (number <= last) fail("properties are out of order");
      node.values[(last = number)] = value;
    }
  }
  if ((given(draft, node) & needs) !== needs) fail(`${entry[0]} lacks a property`);
  if (head & 2) node.bound = r.number(2 ** events.length - 1);
  if (head & 4) {
    for (let n = r.number(r.left()); n--;) node.children.push(readNode(r, draft, strings, node, depth + 1));
  }
  return node;
}

const given = (draft: Draft, node: VNode): number =>
  draft.given.get(node) ?? node.values.reduce<number>((bits, value, n) => (value === undefined ? bits : bits | (1 << n)), 0);

function give(draft: Draft, node: VNode, number: number): void {
  draft.given.set(node, given(draft, node) | (1 << number));
}

/** Says that a property is left out. Of a field the person may have given the value. */
function take(draft: Draft, node: VNode, number: number): void {
  const bits = given(draft, node);
  const needs = catalog[node.component]?.[3] ?? 0;
  if (!(bits & (1 << number)) || needs & (1 << number)) fail(`property ${number} of node ${node.id} cannot be left out`);
  draft.given.set(node, bits & ~(1 << number));
}

function depthOf(parent?: VNode): number {
  let depth = 0;
  for (let above = parent; above; above = above.parent) depth++;
  return depth;
}

function readValue(r: Reader, node: VNode, strings: Uint8Array[]): [number: number, value: Value] {
  const tag = r.number();
  const number = Math.floor(tag / 4);
  const [name, kind, limits] = propsOf(node)[number] ?? fail(`there is no property ${number}`);
  const form = kind === Kind.Number ? Form.Float : kind === Kind.Text || kind >= Kind.Asset ? Form.Bytes : Form.Number;
  if (tag % 4 !== form) fail(`${name} has the wrong form`);
  if (form === Form.Bytes) return [number, readBytes(r, node, number, strings)];
  if (form === Form.Float) return [number, r.float()];
  if (kind === Kind.Bool) return [number, !!r.number(1)];
  if (kind === Kind.Enum) return [number, r.number((limits?.length ?? 0) - 1)];
  const n = r.zigzag();
  const [min = 0, max = 0] = (limits ?? []) as readonly number[];
  return [number, n >= min && n <= max ? n : fail(`${name} is out of range`)];
}

/** Reads a value of form 1 for a property; its bytes are kept in the table if they are to be. */
function readBytes(r: Reader, node: VNode, number: number, strings: Uint8Array[]): Value {
  const [name, kind] = propsOf(node)[number] ?? fail(`there is no property ${number}`);
  const head = r.number();
  let bytes: Uint8Array;
  if (head % 2) {
    bytes = strings[(head - 1) / 2] ?? fail("there is no such string");
  } else {
    bytes = r.bytes(head / 2).slice();
    if (bytes.length >= internMin && bytes.length <= internMax && strings.length < internCount) strings.push(bytes);
  }
  switch (kind) {
    case Kind.Text:
      return text(bytes);
    case Kind.Asset: {
      const asset = text(bytes);
      return /^([\w-][\w.-]*\/)*[\w-][\w.-]*$/.test(asset) ? asset : fail(`${name} is not the name of an asset`);
    }
    case Kind.Link:
      return text(bytes);
    case Kind.Drawing:
      readDrawing(bytes);
      return bytes;
  }
  return fail(`${name} has the wrong form`);
}
