// The frames in which the server tells of the operations: rows of a template, splices and repetitions.
import { catalog, indexOf } from "../../shell/build/test/catalog.js";
import { Patch, snap, Strings, Writer, node } from "../../shell/build/test/encode.js";

const number = (name) => indexOf(catalog, name);
const zigzag = (n) => (n < 0 ? -2 * n - 1 : 2 * n);
const [DEL, SPLICE, ROWS, REP] = [5, 10, 11, 15];
const nodesARow = 5;
const [table, first] = [2, 3];

/** A row: two cells with a text each, one with a button. What differs is a hole. */
function shape(w, strings) {
  const cell = number("cell") * 8;
  const hole = [cell + 1, 1, 3, 1];
  w.number(number("row") * 8 + 6, 1, 3, ...hole, ...hole, cell + 4, 1, number("button") * 8 + 3, 1, 1);
  strings.write(w, "Remove");
  w.number(1);
}

/** New rows at the end of the table. */
function rows(w, strings, data, from, isNew) {
  w.number(zigzag(table - from) * 16 + ROWS, 0, 0);
  if (isNew) shape(w, strings);
  w.number(data.length, 2, zigzag(data[0].id), zigzag(1), 3, 3);
  for (const { label } of data) for (const word of label.split(" ")) strings.write(w, word);
}

const idOf = (row) => first + nodesARow * row;

/** The frames of one run of an operation, in an epoch of its own: those that prepare it, and those to measure; and in one more epoch that which takes all away. */
export function framesFor({ op, before, after, at, warm, times = 1 }, epoch, seq) {
  const strings = new Strings();
  const frames = [snap(node("box", {}, node("table", { label: "Rows" })), strings, [1, epoch, seq, 0])];
  const patch = (write) => {
    const p = new Patch(strings, [1, seq + frames.length, 0]);
    write(p.w, p);
    frames.push(p.done());
  };
  // The distance to repeat is that of the second from the first.
  const clear = (w) => w.number(zigzag(idOf(0)) * 16 + DEL, zigzag(nodesARow) * 16 + DEL, (before.length - 2) * 16 + REP);
  const ops = {
    append: (w) => rows(w, strings, after, 0, !before.length),
    clear,
    replace(w) {
      clear(w);
      rows(w, strings, after, idOf(before.length - 1), false);
    },
    every10th(w) {
      w.number(zigzag(idOf(0) + 2) * 16 + SPLICE, 0, 0);
      strings.write(w, " !!!");
      w.number(zigzag(10 * nodesARow) * 16 + SPLICE, 0, 0);
      strings.write(w, " !!!");
      w.number((before.length / 10 - 2) * 16 + REP, 1);
      strings.write(w, " !!!");
    },
    select: (_, p, n) => p.set(idOf(at + n), "row", "selected", true),
    swap(_, p, n) {
      const [up, down] = n % 2 ? [1, 998] : [998, 1];
      p.move(idOf(up), idOf(2)).move(idOf(down), idOf(999));
    },
    remove: (_, p, n) => p.drop(idOf(at + n)),
  };
  if (before.length) patch((w) => rows(w, strings, before, 0, true));
  const prepared = frames.length;
  for (let n = 0; n < times; n++) patch((w, p) => ops[op](w, p, n));
  // Nothing of it stands in the page while others are measured.
  const away = snap(node("box", {}), new Strings(), [1, epoch + 1, seq + frames.length, 0]);
  return { frames: frames.map((frame) => Array.from(frame)), away: Array.from(away), prepared, warm };
}
