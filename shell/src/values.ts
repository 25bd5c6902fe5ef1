import { readDrawing } from "./drawing";
import type { Value } from "./node";
import type { Prop } from "./table";
import { byte, bytes, decode, fail, float, int, uint, unzigzag } from "./wire";

/** The forms of values on the wire. */
export const enum Form { Number, Bytes, Float, Hole }

/** A value as it was written, before it is known what it is for. Strings are decoded once. */
export type Raw = number | Str;
export interface Str { bytes?: Uint8Array; words?: string | undefined }

const internMin = 3;
const internMax = 64;
const internCount = 1024;
const maxWords = 16;
const maxCounted = 2 ** 50;

export const formOf = ({ kind }: Prop): Form => (kind === "n" ? Form.Float : "tald".includes(kind) ? Form.Bytes : Form.Number);

const wordsOf = (s: Str): string => (s.words ??= decode(s.bytes!));

/** Reads a string: one of before, or one that is written out and kept if it is worth it. */
export function readString(strings: Str[]): Str {
  const head = uint();
  if (head % 2) return strings[(head - 1) / 2] ?? fail("no such string");
  const s: Str = { bytes: bytes(head / 2).slice() };
  const { length } = s.bytes!;
  if (length >= internMin && length <= internMax && strings.length < internCount) strings.push(s);
  return s;
}

/** Reads a value of a form. */
export const readRaw = (form: Form, strings: Str[]): Raw => (form === Form.Bytes ? readString(strings) : form === Form.Float ? float() : uint());

/** Reads so many values of one form; binary ones are not words. */
export function readColumn(form: Form, n: number, strings: Str[], binary: boolean): Raw[] {
  const out: Raw[] = [];
  if (n === 1) return [readRaw(form, strings)];
  const how = byte();
  if (how === 0) while (out.length < n) out.push(readRaw(form, strings));
  else if (how === 1) for (const raw = readRaw(form, strings); out.length < n;) out.push(raw);
  else if (how === 2 && form !== Form.Float) {
    const [start, step] = [int(), int()];
    const last = start + step * (n - 1);
    const low = form ? -maxCounted : 0;
    if (Math.min(start, last) < low || Math.max(start, last) > maxCounted) fail("counts too far");
    for (let at = start; out.length < n; at += step) out.push(form ? { words: String(at) } : at);
  } else if (how === 3 && form === Form.Bytes) {
    const count = uint(maxWords);
    if (count < 2) fail("too few words");
    while (out.length < n) {
      const parts = Array.from({ length: count }, () => readString(strings));
      out.push(binary ? { bytes: new Uint8Array(parts.flatMap((p, i) => [...(i ? [32] : []), ...(p.bytes ?? [])])) } : { words: parts.map(wordsOf).join(" ") });
    }
  } else fail("no such column");
  return out;
}

/** The address of a link, if its parsed scheme is one that a person may be led to. */
export function link(address: string): string {
  let scheme = "";
  try {
    scheme = new URL(address, location.href).protocol;
  } catch {
    // no address at all
  }
  const right = /^(https?:\/\/[^/@]+(\/.*)?|mailto:.+|tel:.+|\/([^/].*)?)$/i.test(address) && /^[!-~]+$/.test(address) && !/[\\"<>^{|}`]/.test(address);
  return right && /^(https?|mailto|tel):$/.test(scheme) ? address : fail("not a link");
}

/** What a value that was written in a form is for a property; refuses what it cannot be. */
export function valueOf(prop: Prop, form: Form, raw: Raw): Value {
  const { kind, low, high, list } = prop;
  if (form !== formOf(prop)) fail("wrong form");
  if (typeof raw === "number") {
    if (kind === "n") return raw;
    if (kind === "b") return raw < 2 ? !!raw : fail("no bool");
    if (kind === "e") return raw < list.length ? raw : fail("no value");
    const n = unzigzag(raw);
    return n >= low && n <= high ? n : fail("out of range");
  }
  if (kind === "d") {
    const drawing = raw.bytes ?? fail("no drawing");
    readDrawing(drawing);
    return drawing;
  }
  const words = wordsOf(raw);
  if (kind === "a" && !/^([\w-][\w.-]*\/)*[\w-][\w.-]*$/.test(words)) fail("no asset");
  return kind === "l" ? link(words) : words;
}
