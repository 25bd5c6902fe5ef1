import assert from "node:assert/strict";
import { test } from "node:test";
import "./page";
import { readDrawing } from "../src/drawing";
import { begin, end, float, int, Malformed, text, uint, unzigzag, write, zigzag } from "../src/wire";
import { unhex } from "./page";

test("numbers come back as they were", () => {
  for (const n of [0, 1, 127, 128, 16383, 16384, 2 ** 31, 2 ** 32 - 1, 2 ** 40 + 5, Number.MAX_SAFE_INTEGER]) {
    begin(write(n));
    assert.equal(uint(), n);
    end();
  }
  for (const n of [0, -1, 1, -2, 2 ** 31, -(2 ** 40)]) assert.equal(unzigzag(zigzag(n)), n);
});

test("what is not the shortest form, too large or cut off is refused", () => {
  const refused = (hex: string, read: () => unknown): void => {
    begin(unhex(hex));
    assert.throws(read, Malformed, hex);
  };
  for (const bytes of ["8000", "808000", "80", "ffffffffffffffffff01", "ffffffffffffffffffffffff", ""]) refused(bytes, uint);
  refused("8080808010", () => uint(2 ** 32 - 1));
  for (const bytes of ["02ff", "02c328"]) refused(bytes, () => text(10));
  refused("03616263", () => text(2));
  refused("000000000000f07f", float);
  refused("0100", () => (int(), end()));
});

test("texts come back as they were, short and long, plain and not", () => {
  const plain = "\0 a\x7f~";
  for (const words of ["", plain, "é", "a\x80", "\ufeffa", "日本", "😀", ...[63, 64, 65, 5000].flatMap((n) => ["x".repeat(n), `${"x".repeat(n - 2)}é`])]) {
    begin(write(words));
    assert.equal(text(9000), words);
    end();
  }
});

test("a drawing is read to its end or refused", () => {
  const seen: string[] = [];
  const pen = {
    rect: (...all: number[]) => seen.push(`rect ${all.join()}`),
    line: (...all: number[]) => seen.push(`line ${all.join()}`),
    text: (...all: (number | string)[]) => seen.push(`text ${all.join()}`),
  };
  readDrawing(write([1, 2], ...[1, -2, 30, 40].map(zigzag), [3, 0], ...[5, 6, 1].map(zigzag), "é"), pen);
  assert.deepEqual(seen, ["rect 2,1,-2,30,40", "text 0,5,6,center,é"]);
  for (const wrong of ["04000000", "01070000", "0100", "030000000603616263", "0200ffff07000000"]) {
    assert.throws(() => readDrawing(unhex(wrong)), Malformed, wrong);
  }
});
