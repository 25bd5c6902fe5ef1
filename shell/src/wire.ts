/** Bytes from the server that are not what the protocol says. */
export class Malformed extends Error {}

/** Ends the reading of a frame. The build makes numbers of the words; devtools.js has them. */
export const fail = (why: string): never => {
  throw new Malformed(why);
};

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();
const short = 64;

// One frame is read at a time, from its start to its end, in one task.
let buf: Uint8Array;
let at: number;

/** Begins to read. */
export const begin = (bytes: Uint8Array): void => {
  buf = bytes;
  at = 0;
};

/** Reads what lies inside a frame, to its end. */
export const within = (bytes: Uint8Array, read: () => void): void => {
  const outer: [Uint8Array, number] = [buf, at];
  begin(bytes);
  read();
  [buf, at] = outer;
};

/** How many bytes are left. */
export const left = (): number => buf.length - at;

export const byte = (): number => (at < buf.length ? buf[at++]! : fail("cut off"));

/** A view of the next n bytes. */
export const bytes = (n: number): Uint8Array => (n > left() ? fail("cut off") : buf.subarray(at, (at += n)));

/** An unsigned LEB128 number in its shortest form. */
export const uint = (most = 2 ** 53 - 1): number => {
  let b = byte();
  let n = b & 127;
  for (let scale = 128; b > 127 && n <= most; scale *= 128) {
    b = byte() || fail("not shortest");
    n += (b & 127) * scale;
  }
  return n > most ? fail("too large") : n;
};

/** A number of at least 1. */
export const some = (most?: number): number => uint(most) || fail("none");

/** Maps 0, 1, 2, 3 back to 0, -1, 1, -2. */
export const unzigzag = (n: number): number => (n % 2 ? -(n + 1) / 2 : n / 2);

/** Maps 0, -1, 1, -2 to 0, 1, 2, 3. */
export const zigzag = (n: number): number => (n < 0 ? -2 * n - 1 : 2 * n);

export const int = (): number => unzigzag(uint());

export const float = (): number => {
  const f = new Float64Array(bytes(8).slice().buffer)[0]!; // every machine that runs a browser is little-endian
  return Number.isFinite(f) ? f : fail("not finite");
};

/** Decodes UTF-8 strictly. What is short and plain is put together here: what a decoder makes lies outside of V8's heap, where each use of it takes longer. */
export const decode = (b: Uint8Array): string => {
  if (b.length < short && b.every((c) => c < 128)) return String.fromCharCode(...b);
  try {
    return utf8.decode(b);
  } catch {
    return fail("not UTF-8");
  }
};

export const text = (most: number): string => decode(bytes(uint(most)));

/** Refuses bytes behind the end. */
export const end = (): void => {
  if (left()) fail("left over");
};

/** A part of a frame. */
export type Part = number | string | Iterable<number>;

/** A frame or payload: numbers as they are, text with its length, other bytes raw. */
export const write = (...parts: readonly Part[]): Uint8Array<ArrayBuffer> => {
  const out: number[] = [];
  const number = (n: number): void => {
    for (; n > 127; n = Math.floor(n / 128)) out.push((n % 128) | 128);
    out.push(n);
  };
  for (const part of parts) {
    if (typeof part === "number") number(part);
    else {
      const raw = typeof part === "string" ? encoder.encode(part) : part;
      if (raw !== part) number((raw as Uint8Array).length);
      for (const b of raw) out.push(b);
    }
  }
  return new Uint8Array(out);
};

/** A number as IEEE 754 writes it. */
export const floatBytes = (f: number): Uint8Array => new Uint8Array(new Float64Array([f]).buffer);
