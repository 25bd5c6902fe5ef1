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

// The strings of the epoch that is read.
let strings: Str[];

/** Has strings read into, and out of, an epoch's. */
export const readInto = (epoch: Str[]): void => {
  strings = epoch;
};

const wordsOf = (s: Str): string => (s.words ??= decode(s.bytes!));

/** Reads a string: one of before, or one that is written out and kept if it is worth it. */
function readString(): Str {
  const head = uint();
  if (head % 2) return strings[(head - 1) / 2] ?? fail("no such string");
  const s = { bytes: bytes(head / 2).slice() };
  const { length } = s.bytes;
  if (length >= internMin && length <= internMax && strings.length < internCount) strings.push(s);
  return s;
}

function times<T>(n: number, make: () => T): T[] {
  const out: T[] = [];
  while (out.length < n) out.push(make());
  return out;
}

/** Strings of one value, joined by spaces. */
const joined = (parts: Str[], binary: boolean): Str =>
  binary ? { bytes: new Uint8Array(parts.flatMap((p) => [32, ...p.bytes!]).slice(1)) } : { words: parts.map(wordsOf).join(" ") };

/** Reads a value of a form. */
export const readValue = (form: Form): Raw => (form === Form.Bytes ? readString() : form === Form.Float ? float() : uint());

/** Reads so many values of one form; binary ones are not words. */
export function readColumn(form: Form, n: number, binary: boolean): Raw[] {
  const one = (): Raw => readValue(form);
  if (n === 1) return [one()];
  const how = byte();
  if (how < 2) {
    let raw: Raw | undefined;
    return times(n, how ? () => (raw ??= one()) : one);
  }
  if (how === 2 && form !== Form.Float) {
    let at = int();
    const step = int();
    const last = at + step * (n - 1);
    if (Math.min(at, last) < (form && -maxCounted) || Math.max(at, last) > maxCounted) fail("counts too far");
    at -= step;
    return times(n, () => ((at += step), form ? { words: String(at) } : at));
  }
  if (how !== 3 || form !== Form.Bytes) fail("no such column");
  const count = uint(maxWords);
  if (count < 2) fail("too few words");
  return times(n, () => joined(times(count, readString), binary));
}

/** The address of a link, if a person may be led to where it leads. One whose host no browser reads leads nowhere: the server takes some, and what shows them is shown. */
export function link(address: string): string {
  let scheme = "tel:";
  try {
    scheme = new URL(address, location.href).protocol;
  } catch {
    // It leads nowhere.
  }
  const right = /^(https?:\/\/[^/@?#]+([/?#].*)?|mailto:.+|tel:.+|\/([^/].*)?)$/i.test(address) && /^[!#-;=?-[\]_a-z~]+$/.test(address);
  return right && /^(https?|mailto|tel):$/.test(scheme) ? address : fail("not a link");
}

/** What a value that was written in a form is for a property; refuses what it cannot be. */
export function valueOf(prop: Prop, form: Form, raw: Raw): Value {
  const { kind, low, high } = prop;
  if (form !== prop.form) fail("wrong form");
  if (typeof raw === "number") {
    const n = kind === "i" ? unzigzag(raw) : raw;
    if (kind === "n" || (n >= low && n <= high)) return kind === "b" ? !!n : n;
    return fail("out of range");
  }
  if (kind === "d") {
    readDrawing(raw.bytes ?? fail("no drawing"));
    return raw.bytes;
  }
  const words = wordsOf(raw);
  if (kind === "a" && !/^([\w-][\w.-]*\/)*[\w-][\w.-]*$/.test(words)) fail("no asset");
  return kind === "l" ? link(words) : words;
}
