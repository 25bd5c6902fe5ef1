import { bind, build, drop, entryOf, place, placeAll, set } from "./build";
import { parts } from "./loaded";
import { isGone, letGo, type Page, type Value, VNode } from "./node";
import { Row, type Shape } from "./rows";
import { type Entry, entries } from "./table";
import { Form, type Raw, readColumn, readInto, type Str, valueOf } from "./values";
import { end, fail, int, left, some, uint, unzigzag } from "./wire";

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

/** Reads and checks an op for a node; what it does is kept for later. */
type Act = (node: VNode, raw: Raw) => void;

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
   * Reads the body of a SNAP. With kept, the last event that it answers, it continues what is shown:
   * elements stay where they are, with their focus and what the person entered since.
   */
  snap(kept?: number): Apply;
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
  let todo: Apply[];

  const valsOf = (node: VNode): Value[] => {
    if (node.drafted !== reading) node.draft = node.vals.slice();
    node.drafted = reading;
    return node.draft!;
  };

  const get = (id: number): VNode | undefined => {
    const at = mine.all[id];
    const node = at instanceof Row ? at.node(id - at.id) : at;
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

  /** Reads what follows the head of an op; what can be repeated is returned, with the form of its values. */
  const begun = (op: number, node: VNode, ackEv: number): [Act?, Form?, boolean?] => {
    if (op === Op.Text || op === Op.Set || op === Op.Value) {
      const tag = op === Op.Text ? Form.Bytes : uint(maxTag);
      const number = tag >> 2;
      const form: Form = tag & 3;
      return [(to, raw) => {
        const value = (valsOf(to)[number] = valueOf(entryOf(to).props[number] ?? fail("no property"), form, raw));
        todo.push(() => {
          if (op === Op.Value && to.dirty > ackEv) to.held = [value];
          else set(to, number, value, page);
        });
      }, form, entryOf(node).props[0]?.kind === "d"];
    }
    if (op === Op.Splice) {
      const [tail, cut] = [uint(), uint()];
      return [(to, raw) => {
        const prop = entryOf(to).props[0];
        const vals = valsOf(to);
        const [old] = vals;
        if (prop?.kind !== "t" || typeof old !== "string") return fail("no text");
        const stop = old.length - tail;
        const from = stop - cut;
        if (from < 0 || inCharacter(old, stop) || inCharacter(old, from)) fail("not in the text");
        const text = (vals[0] = old.slice(0, from) + (valueOf(prop, Form.Bytes, raw) as string) + old.slice(stop));
        todo.push(() => set(to, 0, text, page));
      }, Form.Bytes];
    }
    if (op === Op.Unset) {
      const number = uint();
      return [(to) => {
        const { needs, edits } = entryOf(to);
        const vals = valsOf(to);
        if (vals[number] === undefined || (needs >> number) & 1) fail("no such property");
        vals[number] = undefined;
        // A field without a value belongs to the person.
        todo.push(() => void ((!number && edits) || set(to, number, undefined, page)));
      }];
    }
    if (op === Op.Insert || op === Op.Rows) {
      const before = sibling(node, node);
      let depth = 0;
      for (let up: VNode | undefined = node; up; up = up.up) depth++;
      const kids = op === Op.Rows ? readRun(node, depth, maxMade) : [readNode(node, depth)];
      todo.push(() => placeAll(kids, before, page));
      return [];
    }
    if (op === Op.Delete) {
      const all: VNode[] = [];
      todo.push(() => drop(all, page));
      return [(to) => {
        dead.add(to.up ? to : fail("the root"));
        all.push(to);
      }];
    }
    if (op === Op.Move) {
      const before = sibling(node, node.up ?? fail("the root"));
      todo.push(() => place(node, before, page));
      return [];
    }
    if (op !== Op.On && op !== Op.Off) return fail("no such op");
    const event = uint();
    return [(to) => {
      if (event >= entryOf(to).events.length) fail("no event");
      todo.push(() => bind(to, op === Op.On ? to.bound | (1 << event) : to.bound & ~(1 << event), page));
    }];
  };

  const read = (ackEv: number): void => {
    let [id, delta] = [0, 0];
    let act: Act | undefined;
    let form: Form | undefined;
    let binary: boolean | undefined;
    while (left()) {
      const head = uint();
      const op = head % opSize;
      const rest = Math.floor(head / opSize);
      const again = op === Op.Repeat;
      if (!again) [act, form, binary] = begun(op, find(id + (delta = unzigzag(rest))), ackEv);
      else if (act && rest) makes(rest);
      else fail("nothing to repeat");
      const times = again ? rest : 1;
      const values = form === undefined ? [] : readColumn(form, times, binary);
      for (let n = 0; n < times; n++) {
        id += delta;
        act?.(find(id), values[n]!);
      }
      if (again) act = undefined;
    }
  };

  /** Lets go of what is gone, and now and then of its places in the table of all nodes. */
  const forget = (): void => {
    letGo();
    const { all } = mine;
    if ((dropped += dead.size) * sweepAfter < all.length) return;
    dropped = 0;
    all.forEach((at, id) => {
      if (at && (at instanceof Row ? at.gone : isGone(at))) all[id] = undefined;
    });
  };

  const tree: Tree = {
    root: undefined,
    get,
    snap(kept) {
      const next = epoch();
      begin(next);
      const fresh = readNode(undefined, 0);
      const { root } = tree;
      const stays = kept !== undefined && root?.kind === fresh.kind;
      if (stays && !parts.morph) wants.push("morph");
      end();
      return () => {
        mine = next;
        if (stays) parts.morph!(root, fresh, next.all, page, kept);
        else {
          if (root) drop([root]);
          show(build((tree.root = fresh), page));
        }
        letGo();
      };
    },
    patch(ackEv) {
      const { all, strings, shapes } = mine;
      const lengths = [all.length, strings.length, shapes.length];
      begin(mine);
      dead.clear();
      const steps: Apply[] = (todo = []);
      try {
        read(ackEv);
      } catch (e) {
        [all.length, strings.length, shapes.length] = lengths as [number, number, number];
        throw e;
      }
      return () => {
        for (const step of steps) step();
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

const inCharacter = (text: string, at: number): boolean => (text.charCodeAt(at) & 0xfc00) === 0xdc00;

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
  wants.push(...part);
  let given = 0;
  if (head & 1) {
    let last = -1;
    for (let n = some(props.length); n--;) {
      const tag = uint(maxTag);
      const number = tag >> 2;
      const form: Form = tag & 3;
      const prop = props[number];
      if (!prop || number <= last || (shape && ++shape.count > maxShapeProps)) return fail("out of order");
      if (form < Form.Hole || !shape) node.vals[number] = valueOf(prop, form, readColumn(form)[0]!);
      else if (uint() === prop.form) shape.holes.push({ node: node.id, prop: number, mere: false });
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
