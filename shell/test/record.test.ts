// What a recording leaves out: nobody who is sent one can do anything with it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Frame } from "../src/frames";
import { harmless, read, type Recording, said, written } from "../src/record";
import { Writer } from "./encode";

const secret = "a-secret-that-opens-doors";
const frames: Record<string, Writer> = {
  "a session": new Writer().number(Frame.Hello, 1).raw(new TextEncoder().encode(secret.slice(0, 16))).number(7, 7),
  "a session that is taken up": new Writer().number(Frame.Resume).raw(new TextEncoder().encode(secret.slice(0, 16))).number(1, 1, 1, 1),
  "a ticket": new Writer().number(Frame.Mount, 300, 1).text(secret),
  "a ticket before props": new Writer().number(Frame.Mount, 300, 1).text(secret).text('{"n":1}'),
  "an upload": new Writer().number(Frame.Upload, 1, 300).text(secret),
  "a download": new Writer().number(Frame.Effect, 1, 300, 7).text("rides.csv").text(secret),
};

for (const [name, frame] of Object.entries(frames)) {
  test(`a recording has no secret of ${name}`, () => {
    const before = frame.done();
    const after = harmless(before);
    assert.equal(after.length, before.length);
    assert.doesNotMatch(new TextDecoder("latin1").decode(after), /secret/);
    assert.equal(new TextDecoder("latin1").decode(after).includes("rides.csv"), name === "a download");
    for (let n = 0; n < before.length; n++) assert.equal(harmless(before.slice(0, n)).length, n, "a frame that is cut off");
  });
}

test("a recording has the props of a page", () => {
  const words = new TextDecoder("latin1").decode(harmless(frames["a ticket before props"]!.done()));
  assert.ok(words.endsWith(`${"x".repeat(secret.length)}\u0007{"n":1}`));
});

for (const [words, frame] of [
  ['{"n":1}', frames["a ticket before props"]!],
  ["", frames["a ticket"]!],
  ["", frames["a session"]!],
  ['#2 {"n":"ü"}', new Writer().number(Frame.Props, 300, 2).text('{"n":"ü"}')],
  ["#300", new Writer().number(Frame.Taken, 1, 300)],
  ["#0 denied: not n", new Writer().number(Frame.Refused, 1, 0, 1).text("not n")],
  ['#3 pick("a")', new Writer().number(Frame.Call, 1, 3).text("pick").text('"a"')],
  ['#3 "A"', new Writer().number(Frame.Answer, 1, 3, 0).text('"A"')],
  ["#4 not found", new Writer().number(Frame.Answer, 1, 4, 4)],
] as const) {
  test(`a frame says ${words || "nothing of props"}`, () => {
    const whole = frame.done();
    assert.equal(said(whole), words);
    for (let n = 1; n < whole.length; n++) assert.doesNotMatch(said(whole.slice(0, n)), /secret/, "a frame that is cut off");
  });
}

test("a recording says what the plugins are called, and one of before need not", () => {
  const recording: Recording = { log: [{ ms: 3, sent: false, frame: new Uint8Array([8]) }], plugins: new Map([[1, "Orders"], [300, "__proto__"]]) };
  assert.deepEqual(read(written("ab", recording), "ab"), recording);
  assert.deepEqual(read('{"vitrine":"record","version":1,"catalog":"ab"}\n', "ab"), { log: [], plugins: new Map() });
});

test("a recording has what was copied and said", () => {
  const frame = new Writer().number(Frame.Effect, 1, 2, 6).text("words").done();
  assert.deepEqual(harmless(frame), frame);
});
