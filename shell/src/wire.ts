/** Bytes from the server that are not what the protocol says. */
export class Malformed extends Error {}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** Ends the reading of a frame. */
export function fail(why: string): never {
  throw new Malformed(why);
}

/** Decodes UTF-8 strictly. */
export function text(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    return fail("text is not UTF-8");
  }
}

/** Maps 0, 1, 2, 3 back to 0, -1, 1, -2. */
export const unzigzag = (n: number): number => (n % 2 ? -(n + 1) / 2 : n / 2);

/** Maps 0, -1, 1, -2 to 0, 1, 2, 3. */
export const zigzag = (n: number): number => (n < 0 ? -2 * n - 1 : 2 * n);

/** Takes a frame or a drawing apart. Every method throws Malformed where the bytes do not fit. */
export class Reader {
  at = 0;
  constructor(private readonly buf: Uint8Array) {}

  left(): number {
    return this.buf.length - this.at;
  }

  byte(): number {
    return this.buf[this.at++] ?? fail("the frame is cut off");
  }

  /** A view of the next n bytes. */
  bytes(n: number): Uint8Array {
    if (n > this.left()) fail("the frame is cut off");
    return this.buf.subarray(this.at, (this.at += n));
  }

  /** An unsigned LEB128 number in its shortest form. */
  number(most = Number.MAX_SAFE_INTEGER): number {
    let n = 0;
    let scale = 1;
    let b: number;
    do {
      b = this.byte();
      n += (b & 127) * scale;
      scale *= 128;
    } while (b > 127 && n <= most);
    if (n > most || (!b && scale > 128)) fail("a number is too large or not in its shortest form");
    return n;
  }

  /** A number of at most 32 bits. */
  uint(): number {
    return this.number(0xffffffff);
  }

  zigzag(): number {
    return unzigzag(this.number());
  }

  float(): number {
    const b = this.bytes(8);
    const f = new DataView(b.buffer, b.byteOffset).getFloat64(0, true);
    return Number.isFinite(f) ? f : fail("not a finite number");
  }

  text(most: number): string {
    return text(this.bytes(this.number(most)));
  }

  end(): void {
    if (this.left()) fail("bytes are left over");
  }
}

/** Writes frames and payloads. Methods return the writer. */
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
    const b = encoder.encode(s);
    return this.number(b.length).raw(b);
  }

  float(f: number): this {
    const b = new Uint8Array(8);
    new DataView(b.buffer).setFloat64(0, f, true);
    return this.raw(b);
  }

  done(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.out);
  }
}
