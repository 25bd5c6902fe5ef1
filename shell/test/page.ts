import "./dom";
import { control, entryOf, ownerOf, part } from "../src/build";
import { catalog as components, lists } from "../src/catalog.gen";
import { makeView, type View } from "../src/frame";
import { Frame } from "../src/frames";
import { use } from "../src/loaded";
import { makeMount, type Mount } from "../src/mount";
import type { Owned, Value, VNode } from "../src/node";
import { looks } from "../src/looks";
import { brings as controls } from "../src/parts/controls";
import { brings as drawn } from "../src/parts/drawn";
import { brings as effects } from "../src/parts/effects";
import { brings as files } from "../src/parts/files";
import { brings as host } from "../src/parts/host";
import { brings as morph } from "../src/parts/morph";
import { brings as opens } from "../src/parts/opens";
import { brings as page } from "../src/parts/page";
import { type Connection, readFault } from "../src/socket";
import { fill } from "../src/table";
import { begin, byte, float, int, Malformed, type Part, text, uint, write } from "../src/wire";
import { catalog } from "./catalog";

fill([lists, components, ...looks].join("\n"));
for (const part of [controls, drawn, effects, files, host, morph, opens, page]) use(part);

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
      send: (...parts: readonly Part[]) => void this.sent.push(write(...parts)),
      ack: (_mount: number, seq: number) => void this.acks.push(seq),
    };
    document.body.append(this.root);
    this.view = makeView(this.root as unknown as ShadowRoot, new CSSStyleSheet(), () => undefined);
    const host = document.createElement("div");
    host.setAttribute("ticket", JSON.stringify({ ticket: "t", plugin: "p", name: "P", version: "1.0.0" }));
    this.mount = makeMount(host, "http://127.0.0.1/vitrine/", "here", connection as unknown as Connection, this.view);
    this.mount.number = 1;
  }

  /** Takes the page away. */
  end(): void {
    this.mount.stop();
    this.root.remove();
  }

  /** Receives a frame; returns what is wrong with it, "" if nothing is. */
  receive(frame: Uint8Array): string {
    let wrong = "";
    const { error } = console;
    console.error = (words: string) => void (wrong = words);
    try {
      begin(frame);
      const type = byte();
      if (uint() !== 1) return "no such mount";
      if (type === Frame.Fault) this.mount.fault(readFault());
      else this.mount.receive(type);
    } catch (e) {
      if (!(e instanceof Malformed)) throw e;
      wrong = e.message;
    } finally {
      console.error = error;
    }
    return wrong;
  }

  /** What a notice says. */
  get said(): string {
    return this.view.said[0]!.textContent ?? "";
  }

  get seq(): number {
    return this.mount.seq;
  }

  get rootNode(): VNode | undefined {
    const el = this.view.body.firstElementChild as Owned | null;
    return el ? ownerOf(el) : undefined;
  }

  node(id: number): VNode {
    for (const el of this.view.body.querySelectorAll<Owned>("*")) {
      ownerOf(el);
      if ((el.owner as VNode | undefined)?.id === id) return el.owner as VNode;
    }
    throw new Error(`node ${id} is not in the page`);
  }

  shown(): Shown | undefined {
    return this.rootNode && show(this.rootNode);
  }

  /** What a canvas shows of its surface. */
  pixels(id: number): { node: number; width: number; height: number; rgba: string } {
    const { width, height, store } = part(this.node(id), 1) as HTMLCanvasElement & { store?: Uint8Array };
    return { node: id, width, height, rgba: hex(store ?? []) };
  }

  /** The page as markup, to compare. */
  markup(): string {
    return this.view.body.outerHTML;
  }
}

function show(node: VNode): Shown {
  const { name, props, events } = catalog[node.kind]!;
  const out: Shown = { id: node.id, component: name };
  for (const el of node.el.querySelectorAll<Owned>("*")) ownerOf(el);
  const children = Array.from(node.el.querySelectorAll<Owned>("*"), (el) => el.owner as VNode | undefined).filter((n): n is VNode => n?.up === node);
  const values: [string, unknown][] = props.flatMap((prop, i) => {
    const value = node.vals[i];
    return value === undefined ? [] : [[prop.name, plain(value, prop.kind, prop.list)]];
  });
  if (values.length) out.props = Object.fromEntries(values.toSorted(([a], [b]) => (a < b ? -1 : 1)));
  const bound = events.filter((_, i) => node.bound & (1 << i)).map((event) => event.name);
  if (bound.length) out.events = bound;
  if (children.length) out.children = children.map(show);
  return out;
}

function plain(value: Value, kind: string, list: readonly string[]): unknown {
  if (kind === "e") return list[value as number];
  return value instanceof Uint8Array ? hex(value) : value;
}

/** The fields of an event's payload. */
export function fields(component: number, event: number, payload: Uint8Array): (string | number | boolean)[] {
  begin(payload);
  return Array.from(catalog[component]!.events[event]!.fields, (kind) => (kind === "t" ? text(1 << 16) : kind === "n" ? float() : kind === "i" ? int() : !!uint()));
}

export const editable = (node: VNode): HTMLInputElement | undefined => (entryOf(node).edits ? (control(node) as HTMLInputElement) : undefined);
