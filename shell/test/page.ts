import "./dom";
import { catalog, Kind } from "../src/catalog.gen";
import { ownerOf } from "../src/dom";
import type { Connection } from "../src/socket";
import { Mount } from "../src/mount";
import { View } from "../src/view";
import type { Value, VNode } from "../src/node";
import { Malformed, Reader, unzigzag } from "../src/wire";

/** What a page shows, as the vectors write it. */
export interface Shown { id: number; component: string; props?: Record<string, unknown>; events?: string[]; children?: Shown[] }

export const unhex = (s: string): Uint8Array => new Uint8Array((s.match(/../g) ?? []).map((pair) => parseInt(pair, 16)));
export const hex = (b: Iterable<number>): string => Array.from(b, (x) => x.toString(16).padStart(2, "0")).join("");

/** A mount whose connection is the test. */
export class TestPage {
  readonly sent: Uint8Array[] = [];
  readonly acks: number[] = [];
  readonly root: HTMLElement = document.createElement("div");
  readonly mount: Mount;
  readonly view: View;

  constructor() {
    globalThis.fetch = () => Promise.resolve(Response.json({ ticket: "t", plugin: "p", name: "P", version: "1.0.0" }));
    const connection = {
      isOpen: true,
      number: () => 1,
      add: () => undefined,
      remove: () => undefined,
      send: (frame: Uint8Array) => void this.sent.push(frame),
      ack: (_mount: number, seq: number) => void this.acks.push(seq),
    };
    document.body.append(this.root);
    this.view = new View(this.root as unknown as ShadowRoot, () => undefined);
    this.mount = new Mount("http://127.0.0.1/vitrine/", "here", connection as unknown as Connection, this.view);
    this.mount.number = 1;
    (this.mount as unknown as { ticket: object }).ticket = { plugin: "p", version: "1.0.0" };
  }

  /** Takes the page away. */
  end(): void {
    this.mount.stop();
    this.root.remove();
  }

  /** Receives a frame; returns what is wrong with it, "" if nothing is. */
  receive(frame: Uint8Array): string {
    try {
      const r = new Reader(frame);
      const type = r.byte();
      if (r.uint() !== 1) return "no such mount";
      this.mount.receive(type, r);
      return "";
    } catch (e) {
      if (!(e instanceof Malformed)) throw e;
      this.mount.repair({ code: 5, retry: 0, text: e.message });
      return e.message;
    }
  }

  get seq(): number {
    return (this.mount as unknown as { seq: number }).seq;
  }

  get rootNode(): VNode | undefined {
    const el = this.view.body.firstElementChild;
    return el ? ownerOf(el) : undefined;
  }

  node(id: number): VNode {
    for (const el of this.view.body.querySelectorAll("*")) {
      const node = ownerOf(el);
      if (node?.id === id) return node;
    }
    throw new Error(`node ${id} is not in the page`);
  }

  shown(): Shown | undefined {
    return this.rootNode && show(this.rootNode);
  }

  /** What a canvas shows of its surface. */
  pixels(id: number): { node: number; width: number; height: number; rgba: string } {
    const { width, height, store } = this.node(id).parts["surface"] as HTMLCanvasElement & { store?: Uint8Array };
    return { node: id, width, height, rgba: hex(store ?? []) };
  }

  /** The page as markup, to compare. */
  markup(): string {
    return this.view.body.outerHTML;
  }
}

function show(node: VNode): Shown {
  const [component, props, events] = catalog[node.component]!;
  const out: Shown = { id: node.id, component };
  const children = Array.from(node.el.querySelectorAll("*"), (el) => ownerOf(el)).filter((n): n is VNode => n?.parent === node);
  const values: [string, unknown][] = props.flatMap(([name, kind, list], i) => {
    const value = node.values[i];
    return value === undefined ? [] : [[name, plain(value, kind, list as readonly string[])]];
  });
  if (values.length) out.props = Object.fromEntries(values.sort(([a], [b]) => (a < b ? -1 : 1)));
  const bound = events.filter((_, i) => node.bound & (1 << i)).map(([name]) => name);
  if (bound.length) out.events = bound;
  if (children.length) out.children = children.map(show);
  return out;
}

function plain(value: Value, kind: Kind, list: readonly string[]): unknown {
  if (kind === Kind.Enum) return list[value as number];
  return value instanceof Uint8Array ? hex(value) : value;
}

/** The fields of an event's payload. */
export function fields(component: number, event: number, payload: Uint8Array): (string | number | boolean)[] {
  const r = new Reader(payload);
  return catalog[component]![2][event]![1].map((kind) =>
    kind === Kind.Text ? r.text(1 << 16) : kind === Kind.Number ? r.float() : kind === Kind.Int ? unzigzag(r.number()) : !!r.number(1));
}
