import { fail, Reader } from "./wire";

/** The ops of a drawing (abi/drawing.go). */
const enum Draw { Rect = 1, Line, Text }

/** How many inks there are; the palette of a canvas has as many elements. */
export const inks = 7;

const maxOps = 8192;
const maxText = 256;
const anchors = ["start", "center", "end"] as const;

/** Where a drawing goes. */
export interface Pen {
  rect(ink: number, x: number, y: number, width: number, height: number): void;
  line(ink: number, x1: number, y1: number, x2: number, y2: number): void;
  text(ink: number, x: number, y: number, anchor: CanvasTextAlign, text: string): void;
}

const nothing = (): void => undefined;
const checker: Pen = { rect: nothing, line: nothing, text: nothing };

/** Reads a drawing, to check it or to draw it; throws Malformed where it is not one. */
export function readDrawing(bytes: Uint8Array, pen: Pen = checker): void {
  const r = new Reader(bytes);
  const coordinate = (): number => {
    const n = r.zigzag();
    return n >= -0x8000 && n <= 0x7fff ? n : fail("a coordinate is out of range");
  };
  for (let ops = 0; r.left(); ops++) {
    if (ops === maxOps) fail("a drawing has too many ops");
    const op = r.byte();
    const ink = r.byte();
    if (ink >= inks) fail("there is no such ink");
    const x = coordinate();
    const y = coordinate();
    if (op === Draw.Rect) pen.rect(ink, x, y, coordinate(), coordinate());
    else if (op === Draw.Line) pen.line(ink, x, y, coordinate(), coordinate());
    else if (op === Draw.Text) {
      const anchor = anchors[r.zigzag()] ?? fail("there is no such anchor");
      pen.text(ink, x, y, anchor, r.text(maxText));
    } else fail("there is no such drawing op");
  }
}
