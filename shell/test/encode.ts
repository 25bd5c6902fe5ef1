// What a server does: encodes trees and patches, from the names of the catalog.
import { Frame } from "../src/frames";
import { floatBytes, zigzag } from "../src/wire";
import { catalog, indexOf } from "./catalog";

/** Writes frames. Methods return the writer. */
export class Writer {
  private readonly out: number[] = [];

  number(...numbers: number[]): this {
    for (let n of numbers) {
      for (; n > 127; n = Math.floor(n / 128)) this.out.push((n % 128) | 128);
      this.out.push(n);
    }
    return this;
  }

  raw(bytes: Iterable<number>): this {
    for (const b of bytes) this.out.push(b);
    return this;
  }

  text(s: string): this {
    const b = new TextEncoder().encode(s);
    return this.number(b.length).raw(b);
  }

  done(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.out);
  }
}

export type Plain = string | number | boolean | Uint8Array;

/** A node as a test writes it: component, properties and events by name, children. */
export interface Spec { c: string; p?: Record<string, Plain>; on?: string[]; kids?: Spec[] }

export const node = (c: string, p: Record<string, Plain> = {}, ...kids: Spec[]): Spec => ({ c, p, kids });
export const active = (spec: Spec, ...on: string[]): Spec => ({ ...spec, on });

const bytesOf = (value: Plain): Uint8Array => (value instanceof Uint8Array ? value : new TextEncoder().encode(String(value)));

/** The strings of one epoch, as the server counts them. */
export class Strings {
  private readonly known = new Map<string, number>();

  write(w: Writer, value: Plain): void {
    const bytes = bytesOf(value);
    const key = Array.from(bytes).join();
    const number = this.known.get(key);
    if (number !== undefined) {
      w.number(number * 2 + 1);
      return;
    }
    if (bytes.length >= 3 && bytes.length <= 64 && this.known.size < 1024) this.known.set(key, this.known.size);
    w.number(bytes.length * 2).raw(bytes);
  }
}

export function writeValue(w: Writer, component: number, name: string, value: Plain, strings: Strings): void {
  const { props } = catalog[component]!;
  const number = indexOf(props, name);
  const { kind, list } = props[number]!;
  const form = kind === "n" ? 2 : "tald".includes(kind) ? 1 : 0;
  w.number(number * 4 + form);
  if (form === 1) strings.write(w, value);
  else if (form === 2) w.raw(floatBytes(Number(value)));
  else if (kind === "e") w.number(list.indexOf(String(value)));
  else w.number(kind === "i" ? zigzag(Number(value)) : +!!value);
}

export function writeNode(w: Writer, spec: Spec, strings: Strings): void {
  const component = indexOf(catalog, spec.c);
  const { props, events } = catalog[component]!;
  const given = Object.entries(spec.p ?? {}).toSorted(([a], [b]) => indexOf(props, a) - indexOf(props, b));
  const kids = spec.kids ?? [];
  const on = spec.on ?? [];
  w.number(component * 8 + (kids.length ? 4 : 0) + (on.length ? 2 : 0) + (given.length ? 1 : 0));
  if (given.length) w.number(given.length);
  for (const [name, value] of given) writeValue(w, component, name, value, strings);
  if (on.length) w.number(on.reduce((mask, name) => mask | (1 << indexOf(events, name)), 0));
  if (kids.length) w.number(kids.length);
  for (const kid of kids) writeNode(w, kid, strings);
}

export function snap(spec: Spec, strings = new Strings(), head: readonly number[] = [1, 1, 1, 0]): Uint8Array<ArrayBuffer> {
  const w = new Writer().number(Frame.Snap, ...head);
  writeNode(w, spec, strings);
  return w.done();
}

export enum Op { Text = 1, Set, Unset, Insert, Delete, Move, On, Off, Value }

/** Writes the body of a patch, or a whole frame when it is given a head. */
export class Patch {
  readonly w = new Writer();
  private last = 0;

  constructor(private readonly strings: Strings, head: readonly number[] = []) {
    if (head.length) this.w.number(Frame.Patch, ...head);
  }

  private op(op: Op, id: number): this {
    this.w.number(zigzag(id - this.last) * 16 + op);
    this.last = id;
    return this;
  }

  private place(before: number): this {
    this.w.number(before ? zigzag(before - this.last) : 0);
    return this;
  }

  text(id: number, text: string): this {
    this.op(Op.Text, id);
    this.strings.write(this.w, text);
    return this;
  }

  set(id: number, c: string, name: string, value: Plain, op: Op.Set | Op.Value = Op.Set): this {
    this.op(op, id);
    writeValue(this.w, indexOf(catalog, c), name, value, this.strings);
    return this;
  }

  insert(parent: number, before: number, spec: Spec): this {
    this.op(Op.Insert, parent).place(before);
    writeNode(this.w, spec, this.strings);
    return this;
  }

  move(id: number, before: number): this {
    return this.op(Op.Move, id).place(before);
  }

  drop(id: number): this {
    return this.op(Op.Delete, id);
  }

  /** An op that is followed by one number: UNSET, ON, OFF. */
  one(op: Op, id: number, n: number): this {
    this.op(op, id).w.number(n);
    return this;
  }

  done(): Uint8Array<ArrayBuffer> {
    return this.w.done();
  }
}

export const hello = (catalogBytes: readonly number[], session = 1): Uint8Array<ArrayBuffer> =>
  new Writer().number(Frame.Hello, 1).raw(new Uint8Array(16).fill(session)).raw(catalogBytes).number(15_000, 4, 262_144).done();
