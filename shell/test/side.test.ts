// What passes between a plugin and the page itself: props that the page sets, functions that it answers.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { afterEach, beforeEach, mock, test } from "node:test";
import { Frame } from "../src/frames";
import { parts } from "../src/loaded";
import { called } from "../src/record";
import { write } from "../src/wire";
import { Writer } from "./encode";
import { hex, TestPage, unhex } from "./page";

interface Given { props?: unknown; callbacks?: Record<string, unknown> }

let page: TestPage;
let given: Given;
let refused: { code: string; message: string }[];
let taken: unknown[];
let reported: unknown[];
beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout"] });
  page = new TestPage();
  given = page.mount.host as Given;
  refused = [];
  taken = [];
  reported = [];
  globalThis.reportError = (e: unknown) => void reported.push(e);
  mock.method(console, "error", () => undefined);
  page.mount.host.addEventListener("vitrine-refused", (event) => refused.push((event as CustomEvent<(typeof refused)[0]>).detail));
  page.mount.host.addEventListener("vitrine-taken", (event) => taken.push((event as CustomEvent<{ props: unknown }>).detail.props));
});
afterEach(() => {
  page.end();
  mock.reset();
  mock.timers.reset();
});

const tick = async (): Promise<void> => {
  for (let n = 0; n < 10; n++) await Promise.resolve();
};
const sentOf = (type: Frame): string[] => page.sent.filter((frame) => frame[0] === type).map(hex);
const props = (number: number, json: string): string => hex(write(Frame.Props, 1, number, json));
const answer = (...rest: (number | string)[]): string => hex(write(Frame.Answer, 1, ...rest));
const call = (number: number, input = '"a"', name = "pick"): void => assert.equal(page.receive(new Writer().number(Frame.Call, 1, number).text(name).text(input).done()), "");
/** Sets other props, as the element does. */
const set = (next: unknown): void => {
  given.props = next;
  parts.tell!(page.mount);
};

test("the frames are those that the server knows", () => {
  const { frames } = JSON.parse(readFileSync("../abi/testdata/page/frames.json", "utf8")) as { frames: { name: string; frame: string; fields: Record<string, string & number> }[] };
  assert.equal(frames.length, 7);
  for (const { name, frame, fields: f } of frames) {
    const type = unhex(frame)[0]!;
    const made = new Map<number, () => Uint8Array>([
      [Frame.Mount, () => write(type, f["mount"]!, +f["visible"]!, f["ticket"]!, f["props"]!)],
      [Frame.Props, () => write(type, f["mount"]!, f["number"]!, f["props"]!)],
      [Frame.Refused, () => write(type, f["mount"]!, f["number"]!, f["code"]!, f["text"]!)],
      [Frame.Taken, () => write(type, f["mount"]!, f["number"]!)],
      [Frame.Call, () => write(type, f["mount"]!, f["call"]!, f["name"]!, f["input"]!)],
      [Frame.Answer, () => write(type, f["mount"]!, f["call"]!, f["code"]!, ...(f["code"] ? [] : [f["answer"]!]))],
    ]).get(type);
    assert.equal(hex(made!()), frame, name);
    assert.ok(name.startsWith(called[type]!));
    if (type === Frame.Call || type === Frame.Taken) assert.equal(page.receive(unhex(frame)), "", name);
    if (type === Frame.Refused) assert.match(page.receive(unhex(frame)), /refused: n: ü/); // the console's word
  }
  assert.deepEqual(refused, [{ code: "invalid", message: "n: ü" }]);
});

test("of props that change often the newest are said, and what is the same is not", () => {
  for (let n = 0; n < 100; n++) set({ n });
  mock.timers.tick(0);
  for (let n = 0; n < 100; n++) set({ n: n + 1 });
  mock.timers.tick(99);
  assert.deepEqual(sentOf(Frame.Props), [props(1, '{"n":99}')]);
  mock.timers.tick(100);
  set({ n: 100 });
  mock.timers.tick(1000);
  assert.deepEqual(sentOf(Frame.Props), [props(1, '{"n":99}'), props(2, '{"n":100}')]);
  set(undefined);
  mock.timers.tick(1000);
  assert.deepEqual(sentOf(Frame.Props).at(-1), props(3, "{}"));
});

test("what cannot be said is refused in the page", () => {
  const round: Record<string, unknown> = {};
  round["round"] = round;
  for (const [wrong, code] of [[round, "invalid"], [{ n: 1n }, "invalid"], [() => 1, "invalid"], [{ s: "é".repeat(33_000) }, "limit"]] as const) {
    set(wrong);
    mock.timers.tick(1000);
    assert.equal(refused.at(-1)!.code, code);
  }
  assert.equal(refused.length, 4);
  assert.deepEqual(sentOf(Frame.Props), []);
});

test("the page hears once that the props it set last were taken, whatever comes again after a drop", () => {
  const hear = (...frame: (number | string)[]): void => void page.receive(write(...frame)); // of a refusal the console's word
  given.props = { n: 0 };
  parts.opening!(page.mount);
  hear(Frame.Taken, 1, 0);
  const [first, second] = [{ n: 1 }, { n: 2 }];
  set(first);
  mock.timers.tick(1000);
  set(second);
  mock.timers.tick(1000);
  hear(Frame.Taken, 1, 1); // another is on its way
  hear(Frame.Taken, 1, 2);
  hear(Frame.Resumed, 1, 0, 0, 0);
  hear(Frame.Taken, 1, 2);
  assert.deepEqual(taken, [{ n: 0 }, second]);
  assert.equal(taken[1], second, "the value itself");
  set({ n: 2 });
  mock.timers.tick(1000);
  hear(Frame.Refused, 1, 2, 2, "they have to go");
  hear(Frame.Refused, 1, 2, 2, "they have to go");
  assert.deepEqual(refused, [{ code: "invalid", message: "they have to go" }]);
  set({ n: 3 });
  mock.timers.tick(1000);
  hear(Frame.Taken, 1, 3);
  assert.deepEqual(taken.slice(2), [{ n: 3 }]);
  assert.deepEqual(sentOf(Frame.Nak), []);
});

test("a mount begins with the page's props", () => {
  given.props = { n: 1 };
  assert.deepEqual(parts.opening!(page.mount), ['{"n":1}']);
  set({ n: 1 });
  mock.timers.tick(1000);
  assert.deepEqual(sentOf(Frame.Props), []);
  given.props = {};
  assert.deepEqual(parts.opening!(page.mount), [], "nothing is said of nothing");
});

test("a function of the page answers, each call once, and the newest function", async () => {
  const seen: unknown[] = [];
  given.callbacks = { pick: (input: unknown) => void seen.push(input) };
  call(1, '{"__proto__":1,"n":[1]}');
  call(1);
  await tick();
  given.callbacks = { pick: async (input: unknown) => `${String(await Promise.resolve(input))}!` };
  call(2);
  call(1);
  await tick();
  assert.deepEqual(sentOf(Frame.Answer), [answer(1, 0, "null"), answer(2, 0, '"a!"')]);
  assert.equal(JSON.stringify(seen), '[{"__proto__":1,"n":[1]}]');
});

test("what is no function, fails or says too much is a code", async () => {
  call(1);
  given.callbacks = { pick: 7, fails() { throw new Error("no"); }, rejects: () => Promise.reject(new Error("no")), much: () => "x".repeat(1 << 17), odd: () => Symbol("s"), big: () => 1n };
  ["pick", "toString", "__proto__", "fails", "rejects", "much", "odd", "big"].forEach((name, n) => call(n + 2, "1", name));
  await tick();
  assert.deepEqual(sentOf(Frame.Answer).toSorted(), [[1, 9], [2, 9], [3, 9], [4, 9], [5, 10], [6, 10], [7, 3], [8, 10], [9, 10]].map((a) => answer(...a)).toSorted());
  assert.equal(reported.length, 3);
});

test("after a drop what may have been lost is said again", async () => {
  given.callbacks = { pick: (n: unknown) => n };
  set({ n: 1 });
  mock.timers.tick(1000);
  for (let n = 1; n <= 20; n++) call(n, String(n));
  await tick();
  page.sent.length = 0;
  assert.equal(page.receive(new Writer().number(Frame.Resumed, 1, 0, 0, 0).done()), "");
  assert.deepEqual(sentOf(Frame.Props), [props(1, '{"n":1}')]);
  assert.deepEqual(sentOf(Frame.Answer), Array.from({ length: 16 }, (_, n) => answer(n + 5, 0, String(n + 5))));
  call(20, "20");
  await tick();
  assert.equal(sentOf(Frame.Answer).length, 16);
});

test("an answer to a plugin that is gone goes nowhere", async () => {
  let done: (value: unknown) => void = () => undefined;
  given.callbacks = { pick: () => new Promise((then) => (done = then)) };
  call(1);
  await tick();
  parts.opening!(page.mount); // another mount
  done(1);
  await tick();
  assert.deepEqual(sentOf(Frame.Answer), []);
});

test("frames that are not whole do nothing", async () => {
  given.callbacks = { pick: () => 1 };
  const whole = new Writer().number(Frame.Call, 1, 1).text("pick").text("1").done();
  for (let n = 2; n < whole.length; n++) assert.notEqual(page.receive(whole.slice(0, n)), "");
  assert.notEqual(page.receive(new Uint8Array([...whole, 0])), "");
  assert.notEqual(page.receive(new Writer().number(Frame.Call, 1, 1).text("x".repeat(65)).text("1").done()), "");
  assert.notEqual(page.receive(new Writer().number(Frame.Call, 1, 1).text("pick").text("x".repeat((64 << 10) + 1)).done()), "");
  for (const wrong of [[1], [1, 0, 0]]) assert.notEqual(page.receive(write(Frame.Taken, ...wrong)), "");
  await tick();
  assert.deepEqual(sentOf(Frame.Answer), []);
  assert.deepEqual([refused, taken], [[], []]);
});
