import { bind, build, drop, entryOf, place, placeAll, set } from "./build";
import { parts } from "./loaded";
import { isGone, letGo, type Page, type Value, VNode } from "./node";
import { Row, type Shape } from "./rows";
import { type Entry, entries } from "./table";
import { Form, type Raw, readColumn, readInto, readValue, type Str, valueOf } from "./values";
import { fail, int, left, some, uint, unzigzag } from "./wire";

const enum Op { Text = 1, Set, Unset, Insert, Delete, Move, On, Off, Value, Splice, Rows, Repeat = 15 }

const opSize = 16;
const maxTag = 127;
const maxDepth = 64;
const maxMade = 1 << 16;
const maxShapes = 64;
const maxShapeNodes = 64;
const maxShapeProps = 256;
/** The table of all nodes is swept when one in so many was dropped. */
const sweepAfter = 16;
const runHead = 0xffff << 3;

/** Changes the page as a frame said; the frame has been checked in full. */
export type Apply = () => void;

/** A value that a property of a node gets, undefined if it loses it. */
interface Write { node: VNode; number: number; value: Value }

/** What the two sides of an epoch count in the same way: nodes, strings, shapes. */
interface Epoch { all: (VNode | Row | undefined)[]; strings: Str[]; shapes: Shape[] }

const epoch = (): Epoch => ({ all: [undefined], strings: [], shapes: [] });

// One frame is read at a time, in one task: what it is read into, and what it stands for.
let now: Epoch;
let made: number;
let reading = 0;
/** The files that bring what the components of the frame do and are not there yet. */
export let wants: string[];

function begin(into: Epoch): void {
  now = into;
  readInto(into.strings);
  made = 0;
  reading++;
  wants = [];
}

/** Counts what a frame stands for: a few bytes can stand for a lot. */
function makes(n: number): void {
  if ((made += n) > maxMade) fail("too much in one frame");
}

/** The tree of one mount. A frame is read and checked first; nothing changes before its Apply is called, which does not fail. */
export interface Tree {
  root: VNode | undefined;
  /** The node with an id, undefined if there is none. */
  get(id: number): VNode | undefined;
  /**
   * Reads the body of a SNAP that answers events up to ackEv. Elements of nodes that it says to have had ids in the epoch
   * that is shown stay, with their focus and what the person entered since.
   */
  snap(ackEv: number, shown: number): Apply;
  /** Reads the body of a PATCH that answers events up to ackEv. */
  patch(ackEv: number): Apply;
  /** Lets go of all nodes. */
  end(): void;
}

export function makeTree(page: Page, show: (root: HTMLElement) => void): Tree {
  let mine = epoch();
  /** How many nodes were dropped since their places were swept. */
  let dropped = 0;
  /** What a frame takes out. */
  const dead = new Set<VNode>();
  /** What the frame changes, in its order: values as they are, for there can be many; a function for anything else. */
  let todo: (Write | Apply)[];
  // The op that is read: what follows its head, the form of what each of its nodes has of its own, and what it takes out.
  let op: number;
  let number: number;
  let tail: number;
  let cut: number;
  let form: Form | undefined;
  let taken: VNode[];

  const valsOf = (node: VNode): Value[] => {
    if (node.drafted !== reading) node.draft = node.vals.slice();
    node.drafted = reading;
    return node.draft!;
  };

  const get = (id: number): VNode | undefined => {
    const at = mine.all[id];
    const node = at instanceof Row ? (mine.all[id] = at.node(id - at.id)) : at;
    return isGone(node) ? undefined : node;
  };

  const find = (id: number): VNode => {
    const node = get(id) ?? fail("no node");
    if (dead.size) for (let up: VNode | undefined = node; up; up = up.up) if (dead.has(up)) fail("deleted");
    return node;
  };

  /** Reads a place: the child of parent to stand before, undefined for the end. */
  const sibling = (node: VNode, parent: VNode): VNode | undefined => {
    const delta = int();
    const before = delta ? find(node.id + delta) : undefined;
    return before && before.up !== parent ? fail("no sibling") : before;
  };

  /** Reads what follows the head of an op; says whether there is more to do to the node, and then to others alike. */
  const begun = (node: VNode): boolean => {
    if (!op || op > Op.Rows) fail("no such op");
    form = undefined;
    number = 0;
    if (op === Op.Text) form = Form.Bytes;
    else if (op === Op.Set || op === Op.Value) {
      const tag = uint(maxTag);
      number = tag >> 2;
      form = tag & 3;
    } else if (op === Op.Splice) {
      tail = uint();
      cut = uint();
      form = Form.Bytes;
    } else if (op === Op.Unset || op === Op.On || op === Op.Off) number = uint();
    else if (op === Op.Delete) {
      const all: VNode[] = (taken = []);
      todo.push(() => drop(all, page));
    } else {
      const before = sibling(node, op === Op.Move ? (node.up ?? fail("the root")) : node);
      if (op === Op.Move) todo.push(() => place(node, before, page));
      else {
        let depth = 0;
        for (let up: VNode | undefined = node; up; up = up.up) depth++;
        const kids = op === Op.Rows ? readRun(node, depth, maxMade) : [readNode(node, depth)];
        todo.push(() => placeAll(kids, before, page));
      }
      return false;
    }
    return true;
  };

  const write = (node: VNode, vals: Value[], value: Value): void => {
    vals[number] = value;
    todo.push({ node, number, value });
  };

  /** Checks what the op does to a node, and keeps it for later. */
  const act = (to: VNode, raw: Raw, ackEv: number): void => {
    const { props, events, needs, edits } = entryOf(to);
    if (op === Op.Text || op === Op.Set) write(to, valsOf(to), valueOf(props[number] ?? fail("no property"), form!, raw));
    else if (op === Op.Splice) {
      const vals = valsOf(to);
      const prop = props[0];
      const old = vals[0];
      if (prop?.kind !== "t" || typeof old !== "string") return fail("no text");
      const stop = old.length - tail;
      const from = stop - cut;
      if (from < 0 || inCharacter(old, stop) || inCharacter(old, from)) fail("not in the text");
      const added = valueOf(prop, Form.Bytes, raw) as string;
      // All of the text: Chromium shapes the lines anew at once for replaceData, which took two and a half times as long. What is added at its end needs no slices.
      write(to, vals, tail || cut ? old.slice(0, from) + added + old.slice(stop) : old + added);
    } else if (op === Op.Value) {
      const at = number;
      const value = (valsOf(to)[at] = valueOf(props[at] ?? fail("no property"), form!, raw));
      todo.push(() => {
        if (to.dirty > ackEv) to.held = [value];
        else set(to, at, value, page);
      });
    } else if (op === Op.Unset) {
      const vals = valsOf(to);
      if (vals[number] === undefined || (needs >> number) & 1) fail("no such property");
      // A field without a value belongs to the person.
      if (!number && edits) vals[0] = undefined;
      else write(to, vals, undefined);
    } else if (op === Op.Delete) {
      dead.add(to.up ? to : fail("the root"));
      taken.push(to);
    } else {
      const bit = 1 << number;
      const on = op === Op.On;
      if (number >= events.length) fail("no event");
      todo.push(() => bind(to, on ? to.bound | bit : to.bound & ~bit, page));
    }
  };

  const read = (ackEv: number): void => {
    let id = 0;
    let delta = 0;
    let again = false;
    let node!: VNode;
    while (left()) {
      const head = uint();
      const rest = Math.floor(head / opSize);
      if (head % opSize !== Op.Repeat) {
        op = head % opSize;
        node = find((id += delta = unzigzag(rest)));
        again = begun(node);
        if (again) act(node, form === undefined ? 0 : readValue(form), ackEv);
      } else {
        if (!again || !rest) fail("nothing to repeat");
        makes(rest);
        const values = form === undefined ? [] : readColumn(form, rest, entryOf(node).props[0]?.kind === "d");
        for (let n = 0; n < rest; n++) act(find((id += delta)), values[n] ?? 0, ackEv);
        again = false;
      }
    }
  };

  /** Lets go of what is gone, and now and then of its places in the table of all nodes. */
  const forget = (): void => {
    letGo();
    const { all } = mine;
    if ((dropped += dead.size) * sweepAfter < all.length) return;
    dropped = 0;
    all.forEach((at, id) => {
      if (at instanceof Row ? at.gone : isGone(at)) all[id] = undefined;
    });
  };

  const tree: Tree = {
    root: undefined,
    get,
    snap(ackEv, shown) {
      const next = epoch();
      begin(next);
      const fresh = readNode(undefined, 0);
      const { root } = tree;
      const was = [0];
      const known = left() && some() === shown;
      while (left()) {
        let id = uint();
        for (let n = some(next.all.length - was.length); n--;) was.push(id && id++);
      }
      const stays = known && root?.kind === fresh.kind && get(was[1]!) === root;
      if (stays && !parts.morph) wants.push("morph");
      return () => {
        if (stays) parts.morph!(root, fresh, next.all, page, ackEv, (id) => get(was[id]!));
        mine = next;
        if (!stays) {
          if (root) drop([root]);
          show(build((tree.root = fresh), page));
        }
        letGo();
      };
    },
    patch(ackEv) {
      const { all, strings, shapes } = mine;
      const nodes = all.length;
      const words = strings.length;
      const runs = shapes.length;
      begin(mine);
      if (dead.size) dead.clear();
      const steps: typeof todo = (todo = []);
      try {
        read(ackEv);
      } catch (e) {
        all.length = nodes;
        strings.length = words;
        shapes.length = runs;
        throw e;
      }
      return () => {
        for (let n = 0; n < steps.length; n++) {
          const step = steps[n]!;
          if (typeof step === "function") step();
          else set(step.node, step.number, step.value, page);
        }
        if (dead.size) forget();
      };
    },
    end() {
      if (tree.root) drop([tree.root]);
      letGo();
    },
  };
  return tree;
}

/** A text that was put together is not looked into where it ends: that would have all of it written out. */
const inCharacter = (text: string, at: number): boolean => at < text.length && (text.charCodeAt(at) & 0xfc00) === 0xdc00;

/** The component, refused where it cannot stand. */
function fits(kind: number, up: VNode | undefined, depth: number): Entry {
  const entry = entries[kind] ?? fail("no such component");
  const holds = up && entryOf(up).holds;
  if ((holds ? !holds.includes(kind) : entry.picky) || depth >= maxDepth) fail("cannot stand here");
  return entry;
}

/** Reads a node with all in it; for a shape, its properties may be holes. */
function readNode(up: VNode | undefined, depth: number, shape?: Shape, head = uint()): VNode {
  const into = shape?.nodes ?? now.all;
  const node = new VNode(into.length, Math.floor(head / 8), up);
  const { props, events, needs, part } = fits(node.kind, up, depth);
  if (!shape) makes(1);
  else if (into.length < maxShapeNodes) shape.depth = Math.max(shape.depth, depth);
  else fail("a large template");
  into.push(node);
  if (part[0]) wants.push(...part);
  let given = 0;
  if (head & 1) {
    let last = -1;
    for (let n = some(props.length); n--;) {
      const tag = uint(maxTag);
      const number = tag >> 2;
      const form: Form = tag & 3;
      const prop = props[number];
      if (!prop || number <= last || (shape && ++shape.count > maxShapeProps)) return fail("out of order");
      if (form < Form.Hole || !shape) node.vals[number] = valueOf(prop, form, readValue(form));
      else if (uint() === prop.form) shape.holes.push({ node: node.id, prop: number });
      else fail("wrong form");
      given |= 1 << (last = number);
    }
  }
  if (needs & ~given) fail("lacks a property");
  if (head & 2) node.bound = some(2 ** events.length - 1);
  if (head & 4) {
    for (let n = some(); n > 0; n--) {
      const next = uint();
      if (next === runHead && !shape) {
        const run = readRun(node, depth + 1, n);
        node.kids.push(...run);
        n -= run.length - 1;
      } else {
        const kid = readNode(node, depth + 1, shape, next);
        if (!shape) node.kids.push(kid);
      }
    }
  }
  return node;
}

/** Reads rows of a template, before them the template if it is new. */
function readRun(up: VNode, depth: number, most: number): Row[] {
  const { shapes, all } = now;
  const number = uint(Math.min(shapes.length, maxShapes - 1));
  if (number === shapes.length) {
    const shape: Shape = { nodes: [], holes: [], depth: 0, count: 0, ways: [], rich: false };
    readNode(up, 0, shape);
    shapes.push(shape);
  }
  const shape = shapes[number]!;
  const { nodes, holes } = shape;
  fits(nodes[0]!.kind, up, depth + shape.depth);
  const rows = some(most);
  makes(rows * Math.max(nodes.length, holes.length));
  const columns = holes.map(({ node, prop }) => {
    const spec = entryOf(nodes[node]!).props[prop]!;
    const { form } = spec;
    return readColumn(form, rows, spec.kind === "d").map((raw) => valueOf(spec, form, raw));
  });
  const run: Row[] = [];
  for (let n = 0; n < rows; n++) {
    const row = new Row(all.length, up, shape, columns, n);
    run.push(row);
    for (const _ of nodes) all.push(row);
  }
  return run;
}
