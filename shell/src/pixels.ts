import { Reader, fail } from "./wire";

const maxSide = 4096;
const rgb = 1;

/** A rectangle of pixels for the surface of a canvas, as a PIXELS frame carries it. */
export interface Pixels {
  surfaceWidth: number;
  surfaceHeight: number;
  x: number;
  y: number;
  image: ImageData;
}

const side = (r: Reader): number => r.number(maxSide) || fail("a side is 0");

/** Reads the end of a PIXELS frame. */
export function readPixels(r: Reader): Pixels {
  const [surfaceWidth, surfaceHeight, x, y] = [side(r), side(r), r.number(maxSide), r.number(maxSide)];
  const [width, height, format] = [side(r), side(r), r.byte()];
  if (format > rgb) fail("there is no such pixel format");
  if (x + width > surfaceWidth || y + height > surfaceHeight) fail("the rectangle leaves the surface");
  const count = width * height;
  const from = r.bytes(count * (format === rgb ? 3 : 4));
  r.end();
  const image = new ImageData(width, height);
  if (format === rgb) spread(from, image.data);
  else image.data.set(from);
  return { surfaceWidth, surfaceHeight, x, y, image };
}

/** Turns 3 bytes a pixel into 4, opaque. */
function spread(from: Uint8Array, to: Uint8ClampedArray): void {
  for (let i = 0, j = 0; i < from.length; i += 3, j += 4) {
    to[j] = from[i]!;
    to[j + 1] = from[i + 1]!;
    to[j + 2] = from[i + 2]!;
    to[j + 3] = 255;
  }
}
