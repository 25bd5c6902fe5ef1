import { byte, fail, int, left, text, within } from "./wire";

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

/** Reads a drawing, to check it or to draw it; refuses what is none. */
export function readDrawing(bytes: Uint8Array, pen: Pen = checker): void {
  const coordinate = (): number => {
    const n = int();
    return n >= -0x8000 && n <= 0x7fff ? n : fail("out of range");
  };
  within(bytes, () => {
    for (let ops = 0; left(); ops++) {
      const op = byte();
      const ink = byte();
      if (ops === maxOps || ink >= inks || op < Draw.Rect || op > Draw.Text) fail("no such drawing");
      const x = coordinate();
      const y = coordinate();
      if (op === Draw.Text) pen.text(ink, x, y, anchors[int()] ?? fail("no such anchor"), text(maxText));
      else pen[op === Draw.Rect ? "rect" : "line"](ink, x, y, coordinate(), coordinate());
    }
  });
}
