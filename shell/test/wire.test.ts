import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { clientHello, eventFrame, Frame, mountFrame, plainFrame, readFault, readHello, readUpload, resumeFrame } from "../src/frames";
import { readDrawing } from "../src/drawing";
import { readPixels } from "../src/pixels";
import { Malformed, Reader, unzigzag, Writer, zigzag } from "../src/wire";
import "./dom";

const unhex = (s: string): Uint8Array => new Uint8Array((s.match(/../g) ?? []).map((pair) => parseInt(pair, 16)));
const hex = (b: Uint8Array): string => Buffer.from(b).toString("hex");

test("numbers come back as they were", () => {
  for (const n of [0, 1, 127, 128, 16383, 16384, 2 ** 31, 2 ** 32 - 1, 2 ** 40 + 5, Number.MAX_SAFE_INTEGER]) {
    const r = new Reader(new Writer().number(n).done());
    assert.equal(r.number(), n);
    r.end();
  }
  for (const n of [0, -1, 1, -2, 2 ** 31, -(2 ** 40)]) assert.equal(unzigzag(zigzag(n)), n);
});

test("what is not the shortest form, too large or cut off is refused", () => {
  for (const bytes of ["8000", "808000", "80", "ffffffffffffffffff01", "ffffffffffffffffffffffff", ""]) {
    assert.throws(() => new Reader(unhex(bytes)).number(), Malformed, bytes);
  }
  assert.throws(() => new Reader(unhex("8080808010")).uint(), Malformed);
  assert.throws(() => new Reader(unhex("02ff")).text(10), Malformed);
  assert.throws(() => new Reader(unhex("02c328")).text(10), Malformed);
  assert.throws(() => new Reader(unhex("03616263")).text(2), Malformed);
  assert.throws(() => new Reader(unhex("000000000000f07f")).float(), Malformed);
});

interface Fields { [name: string]: number | string | boolean | Fields | Fields[] }

const num = (f: Fields, name: string): number => Number(f[name]);
const bytes = (f: Fields, name: string): Uint8Array => unhex(String(f[name]));

/** What the shell does with each frame of abi/testdata/protocol/frames.json: reads or writes it. */
const checks: Record<number, (f: Fields, frame: Uint8Array) => void> = {
  [Frame.Hello]: (f, frame) => {
    const hello = readHello(new Reader(frame.subarray(1)));
    assert.equal(hex(hello.session), f["session"]);
    assert.equal(hello.heartbeat, f["heartbeat"] ?? f["heartbeatMs"]);
  },
  [Frame.Fault]: (f, frame) => {
    const r = new Reader(frame.subarray(1));
    assert.equal(r.uint(), f["mount"]);
    const fault = readFault(r);
    assert.deepEqual([fault.code, fault.text], [f["code"], f["text"]]);
  },
  [Frame.Upload]: (f, frame) => {
    const r = new Reader(frame.subarray(1));
    assert.equal(r.uint(), f["mount"]);
    assert.deepEqual(readUpload(r), { ev: f["ev"], token: f["token"] });
  },
  [Frame.Mount]: (f, frame) => assert.equal(hex(mountFrame(num(f, "mount"), !!f["visible"], String(f["ticket"]))), hex(frame)),
  [Frame.Event]: (f, frame) =>
    assert.equal(hex(eventFrame(num(f, "mount"), num(f, "ev"), num(f, "node"), num(f, "event"), num(f, "seen"), bytes(f, "payload"))), hex(frame)),
  [Frame.Ack]: (f, frame) => assert.equal(hex(plainFrame(Frame.Ack, num(f, "mount"), num(f, "seq"))), hex(frame)),
  [Frame.Visible]: (f, frame) => assert.equal(hex(plainFrame(Frame.Visible, num(f, "mount"), +!!f["visible"])), hex(frame)),
  [Frame.Unmount]: (f, frame) => assert.equal(hex(plainFrame(Frame.Unmount, num(f, "mount"))), hex(frame)),
  [Frame.Pong]: (_f, frame) => assert.equal(hex(plainFrame(Frame.Pong)), hex(frame)),
  [Frame.Resume]: (f, frame) => {
    const points = (f["mounts"] as Fields[]).map((p) => (Array.isArray(p) ? (p as number[]) : [num(p, "mount"), num(p, "epoch"), num(p, "seq")]));
    assert.equal(hex(resumeFrame(bytes(f, "session"), points)), hex(frame));
  },
};

const { frames } = JSON.parse(readFileSync("../abi/testdata/protocol/frames.json", "utf8")) as { frames: { name: string; frame: string; fields: Fields }[] };
for (const { name, frame, fields } of frames) {
  const raw = unhex(frame);
  const check = checks[raw[0]!];
  if (check) test(`frame ${name}`, () => check(fields, raw));
}

test("the page's greeting is version 1 and its catalog", () => {
  assert.match(hex(clientHello()), /^4101[0-9a-f]{16}$/);
});

test("a drawing is read to its end or refused", () => {
  const seen: string[] = [];
  const pen = {
    rect: (...all: number[]) => seen.push(`rect ${all.join()}`),
    line: (...all: number[]) => seen.push(`line ${all.join()}`),
    text: (...all: (number | string)[]) => seen.push(`text ${all.join()}`),
  };
  readDrawing(new Writer().raw([1, 2]).number(...[1, -2, 30, 40].map(zigzag)).raw([3, 0]).number(...[5, 6, 1].map(zigzag)).text("é").done(), pen);
  assert.deepEqual(seen, ["rect 2,1,-2,30,40", "text 0,5,6,center,é"]);
  for (const wrong of ["04000000", "01070000", "0100", "030000000603616263", "0200ffff07000000"]) {
    assert.throws(() => readDrawing(unhex(wrong)), Malformed, wrong);
  }
});

test("pixels must fit their surface", () => {
  const rgb = readPixels(new Reader(new Writer().number(4, 3, 1, 2, 2, 1).raw([1, 1, 2, 3, 4, 5, 6]).done()));
  assert.deepEqual(Array.from(rgb.image.data), [1, 2, 3, 255, 4, 5, 6, 255]);
  for (const head of [[4, 3, 3, 2, 2, 1], [4, 3, 1, 3, 2, 1], [0, 3, 0, 0, 1, 1], [4097, 3, 0, 0, 2, 1]]) {
    assert.throws(() => readPixels(new Reader(new Writer().number(...head).raw([1, 1, 2, 3, 4, 5, 6]).done())), Malformed);
  }
});
