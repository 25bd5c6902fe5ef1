import { bind, build, drop, entryOf, place, placeAll, set } from "./build";
import { parts } from "./loaded";
import { isGone, letGo, type Page, VNode } from "./node";
import { readRun, Row, type Shape } from "./rows";
import { entries } from "./table";
import { Form, type Raw, readColumn, readRaw, type Str, valueOf } from "./values";
import { end, fail, int, left, uint, unzigzag } from "./wire";

const enum Op { Text = 1, Set, Unset, Insert, Delete, Move, On, Off, Value, Splice, Rows, Repeat = 15 }

const opSize = 16;
export const maxDepth = 64;
const maxMade = 1 << 16;
/** The table of all nodes is swept when one in so many was dropped. */
const sweepAfter = 16;
const runHead = 0xffff << 3;

/** Changes the page as a frame said; the frame has been checked in full. */
export type Apply = () => void;

/** Reads and checks an op for a node; what it does is kept for later. */
type Act = (node: VNode, raw: Raw) => void;

/** What the two sides of an epoch count in the same way. */
interface Epoch { all: (VNode | Row | undefined)[]; strings: Str[]; shapes: Shape[] }

/** What a frame adds, deletes and gives, while it is read. */
export interface Draft {
  strings: Str[];
  shapes: Shape[];
  /** The nodes by number from first on. */
  first: number;
  fresh: (VNode | Row)[];
  made: number;
  /** The files that bring what its components do and are not there yet. */
  wants: Set<string>;
}

const epoch = (): Epoch => ({ all: [undefined], strings: [], shapes: [] });

/** The tree of one mount. A frame is read and checked first; nothing changes before its Apply is called, which does not fail. */
export class Tree {
  root: VNode | undefined;
  private now = epoch();
  private draft!: Draft;
  private dead!: Set<VNode>;
  private given!: Map<VNode, number>;
  private texts!: Map<VNode, string>;
  /** How many nodes were dropped since their places were swept. */
  private dropped = 0;

  constructor(private readonly page: Page, private readonly show: (root: HTMLElement) => void) {}

  /** The node with an id, undefined if there is none. */
  get(id: number): VNode | undefined {
    const at = this.now.all[id] ?? this.draft.fresh[id - this.draft.first];
    const node = at instanceof Row ? at.node(id - at.id) : at;
    return node && isGone(node) ? undefined : node;
  }

  /** The files that what was read last waits for. */
  get wants(): ReadonlySet<string> {
    return this.draft.wants;
  }

  /** Lets go of all nodes. */
  end(): void {
    if (this.root) drop(this.root);
    letGo();
  }

  private begin({ all, strings, shapes }: Epoch): Draft {
    this.dead = new Set();
    this.given = new Map();
    this.texts = new Map();
    return (this.draft = { strings, shapes, first: all.length, fresh: [], made: 0, wants: new Set() });
  }

  /**
   * Reads the body of a SNAP. With kept, the last event that it answers, it continues what is shown:
   * elements stay where they are, with their focus and what the person entered since.
   */
  snap(kept?: number): Apply {
    const next = epoch();
    const draft = this.begin(next);
    const root = readNode(draft, undefined, 0);
    const stays = kept !== undefined && this.root?.kind === root.kind;
    if (stays && !parts.morph) draft.wants.add("morph");
    end();
    return () => {
      const old = this.root;
      next.all.push(...draft.fresh);
      this.now = next;
      if (old && stays) parts.morph!(old, root, next.all, this.page, kept!);
      else {
        if (old) drop(old);
        this.show(build((this.root = root), this.page));
      }
      letGo();
    };
  }

  /** Reads the body of a PATCH that answers events up to ackEv. */
  patch(ackEv: number): Apply {
    const { all, strings, shapes } = this.now;
    const [known, formed] = [strings.length, shapes.length];
    const draft = this.begin(this.now);
    const todo: Apply[] = [];
    try {
      this.read(draft, ackEv, todo);
    } catch (e) {
      strings.length = known;
      shapes.length = formed;
      draft.fresh = [];
      throw e;
    }
    return () => {
      for (const node of draft.fresh) all.push(node);
      draft.fresh = [];
      for (const step of todo) step();
      if (this.dead.size) this.forget();
    };
  }

  /** Lets go of what is gone, and now and then of its places in the table of all nodes. */
  private forget(): void {
    letGo();
    const { all } = this.now;
    if ((this.dropped += this.dead.size) * sweepAfter < all.length) return;
    this.dropped = 0;
    all.forEach((at, id) => at && (at instanceof Row ? at.gone : isGone(at)) && (all[id] = undefined));
  }

  private read(draft: Draft, ackEv: number, todo: Apply[]): void {
    let id = 0;
    let delta = 0;
    let form: Form | undefined;
    let act: Act | undefined;
    let binary = false;
    while (left()) {
      const head = uint();
      const op = head % opSize;
      const rest = Math.floor(head / opSize);
      if (op === Op.Repeat) {
        if (!act || !rest) return fail("nothing to repeat");
        makes(draft, rest);
        const values = form === undefined ? [] : readColumn(form, rest, draft.strings, binary);
        for (let n = 0; n < rest; n++) act(this.find((id += delta)), values[n]!);
        act = undefined;
        continue;
      }
      id += delta = unzigzag(rest);
      const node = this.find(id);
      [act, form] = this.op(op, node, ackEv, todo);
      if (!act) continue;
      binary = op !== Op.Splice && entryOf(node).props[0]?.kind === "d";
      act(node, form === undefined ? 0 : readRaw(form, draft.strings));
    }
  }

  private find(id: number): VNode {
    const node = this.get(id) ?? fail(`no node ${id}`);
    if (this.dead.size) for (let up: VNode | undefined = node; up; up = up.up) if (this.dead.has(up)) fail("deleted");
    return node;
  }

  /** Reads what follows the head of an op; what can be repeated is returned, with the form of its values. */
  private op(op: number, node: VNode, ackEv: number, todo: Apply[]): [Act?, Form?] {
    const { page } = this;
    switch (op) {
      case Op.Text:
      case Op.Set:
      case Op.Value: {
        const tag = op === Op.Text ? Form.Bytes : uint();
        const number = Math.floor(tag / 4);
        const form: Form = tag % 4;
        return [(to, raw) => {
          const prop = entryOf(to).props[number] ?? fail("no property");
          const value = valueOf(prop, form, raw);
          this.has(to, number, true);
          if (!number && prop.kind === "t") this.texts.set(to, value as string);
          todo.push(() => {
            if (op === Op.Value && to.dirty > ackEv) to.held = [value];
            else set(to, number, value, page);
          });
        }, form];
      }
      case Op.Splice: {
        const [tail, cut] = [uint(), uint()];
        return [(to, raw) => {
          const prop = entryOf(to).props[0];
          const old = this.texts.get(to) ?? to.vals[0];
          if (prop?.kind !== "t" || typeof old !== "string") return fail("no text");
          const stop = old.length - tail;
          const from = stop - cut;
          if (from < 0 || inCharacter(old, stop) || inCharacter(old, from)) fail("not in the text");
          const text = old.slice(0, from) + String(valueOf(prop, Form.Bytes, raw)) + old.slice(stop);
          this.texts.set(to, text);
          todo.push(() => set(to, 0, text, page));
        }, Form.Bytes];
      }
      case Op.Unset: {
        const number = uint();
        return [(to) => {
          this.has(to, number, false);
          // A field without a value belongs to the person.
          todo.push(() => void ((!number && entryOf(to).edits) || set(to, number, undefined, page)));
        }];
      }
      case Op.Insert:
      case Op.Rows: {
        const before = this.sibling(node, node);
        const depth = depthOf(node);
        const kids = op === Op.Rows ? readRun(this.draft, node, depth, maxMade) : [readNode(this.draft, node, depth)];
        todo.push(() => placeAll(kids, before, page));
        return [];
      }
      case Op.Delete: {
        const all: VNode[] = [];
        todo.push(() => {
          drop(...all);
          for (const { up } of all) page.later(up!);
        });
        return [(to) => {
          this.dead.add(to.up ? to : fail("the root"));
          all.push(to);
        }];
      }
      case Op.Move: {
        const before = this.sibling(node, node.up ?? fail("the root"));
        todo.push(() => place(node, before, page));
        return [];
      }
      case Op.On:
      case Op.Off: {
        const event = uint();
        return [(to) => {
          if (event >= entryOf(to).events.length) fail("no event");
          todo.push(() => bind(to, op === Op.On ? to.bound | (1 << event) : to.bound & ~(1 << event), page));
        }];
      }
    }
    return fail(`no op ${op}`);
  }

  /** Reads a place: the child of parent to stand before, undefined for the end. */
  private sibling(node: VNode, parent: VNode): VNode | undefined {
    const delta = int();
    const before = delta ? this.find(node.id + delta) : undefined;
    return before && before.up !== parent ? fail("no sibling") : before;
  }

  /** Notes that a property is given or left out. */
  private has(node: VNode, number: number, given: boolean): void {
    const { needs, props } = entryOf(node);
    const bit = 1 << number;
    const bits = this.given.get(node) ?? bitsOf(node);
    if (!props[number] || (!given && (!(bits & bit) || needs & bit))) fail("no such property");
    this.given.set(node, given ? bits | bit : bits & ~bit);
  }
}

const bitsOf = (node: VNode): number => node.vals.reduce<number>((all, value, n) => (value === undefined ? all : all | (1 << n)), 0);

const inCharacter = (text: string, at: number): boolean => (text.charCodeAt(at) & 0xfc00) === 0xdc00;

function depthOf(node: VNode | undefined): number {
  let depth = 0;
  for (let up = node; up; up = up.up) depth++;
  return depth;
}

/** Counts what a frame stands for: a few bytes can stand for a lot. */
export function makes(draft: Draft, n: number): void {
  if ((draft.made += n) > maxMade) fail("too much in one frame");
}

/** Refuses a component where it cannot stand. */
export function fits(kind: number, up: VNode | undefined, depth: number): void {
  const entry = entries[kind] ?? fail(`no component ${kind}`);
  const holds = up && entryOf(up).holds;
  if (up ? (holds ? !holds.includes(kind) : entry.picky) : entry.picky) fail("cannot stand here");
  if (depth >= maxDepth) fail("too deep");
}

function readNode(draft: Draft, up: VNode | undefined, depth: number, head = uint()): VNode {
  const node = new VNode(draft.first + draft.fresh.length, Math.floor(head / 8), up);
  fits(node.kind, up, depth);
  makes(draft, 1);
  draft.fresh.push(node);
  const { props, events, needs, part } = entryOf(node);
  if (part) draft.wants.add(part);
  if (head & 1) {
    let last = -1;
    for (let n = uint(props.length) || fail("none"); n--;) {
      const tag = uint();
      const number = Math.floor(tag / 4);
      const prop = props[number];
      if (!prop || number <= last) return fail("out of order");
      node.vals[(last = number)] = valueOf(prop, tag % 4, readRaw(tag % 4, draft.strings));
    }
  }
  if ((bitsOf(node) & needs) !== needs) fail("lacks a property");
  if (head & 2) node.bound = uint(2 ** events.length - 1) || fail("none");
  if (head & 4) {
    for (let n = uint() || fail("none"); n > 0;) {
      const next = uint();
      const kids = next === runHead ? readRun(draft, node, depth + 1, n) : [readNode(draft, node, depth + 1, next)];
      for (const kid of kids) node.kids.push(kid);
      n -= kids.length;
    }
  }
  return node;
}
