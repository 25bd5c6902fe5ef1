// A SNAP that goes on with what is shown: what a person typed, and the focus, stay with their node and go nowhere else.
import assert from "node:assert/strict";
import { test } from "node:test";
import { part } from "../src/build";
import { Frame } from "../src/frames";
import { loader, parts } from "../src/loaded";
import { begin, byte, text, uint } from "../src/wire";
import { active, node, type Spec, snap, Writer } from "./encode";
import { TestPage } from "./page";

const row = (label: string): Spec => active(node("textfield", { label }), "input");
const box = (...labels: string[]): Spec => node("box", {}, ...labels.map(row));
const head = [1, 2, 2, 1];

/** A SNAP of epoch 2 that says which nodes of epoch shown it goes on with: pairs of was and count. */
const onward = (spec: Spec, shown: number, ...was: number[]): Uint8Array => new Uint8Array([...snap(spec, undefined, head), ...new Writer().number(shown, ...was).done()]);
const resumed = (): Uint8Array => new Writer().number(Frame.Resumed, 1, 2, 1, 1).done();
const input = (page: TestPage, id: number): HTMLInputElement => part(page.node(id), 2) as HTMLInputElement;
const values = (page: TestPage): Record<string, string> =>
  Object.fromEntries(Array.from(page.rootNode!.el.querySelectorAll("input"), (el) => [el.parentElement!.querySelector(".label")?.textContent ?? "", el.value]));

function events(page: TestPage): { ev: number; node: number; seen: number; words: string }[] {
  return page.sent.filter((frame) => frame[0] === Frame.Event).map((frame) => {
    begin(frame);
    byte();
    const [, ev, to, , seen] = [uint(), uint(), uint(), uint(), uint()];
    return { ev: ev!, node: to!, seen: seen!, words: text(100) };
  });
}

/** A page with rows A, B and C, into whose B a person has typed: one event is on its way, the newest waits. */
function typed(): TestPage {
  const page = new TestPage();
  assert.equal(page.receive(snap(box("A", "B", "C"))), "");
  const b = page.node(3);
  page.mount.enter(b, "b", 0);
  input(page, 3).value = "bob";
  input(page, 3).focus();
  page.mount.enter(b, "bob", 0);
  page.mount.lost(1);
  assert.equal(page.receive(resumed()), "");
  return page;
}

const both = [{ ev: 1, node: 3, seen: 1, words: "b" }, { ev: 1, node: 3, seen: 1, words: "b" }, { ev: 2, node: 3, seen: 1, words: "bob" }];

test("what waits for a row goes to it by its old id, and stays in it when the rows move", () => {
  for (const [labels, was, now] of [
    [["B", "C"], [1, 1, 3, 2], 2],
    [["New", "B", "C"], [1, 1, 0, 1, 3, 2], 3],
    [["C", "B", "A"], [1, 1, 4, 1, 3, 1, 2, 1], 3],
  ] as const) {
    const page = typed();
    const el = input(page, 3);
    assert.equal(page.receive(onward(box(...labels), 1, ...was)), "");
    assert.deepEqual(events(page).map((e) => e.ev === 1 ? both[0] : e), [...both.slice(0, events(page).length - 1), both[2]]);
    assert.ok(input(page, now) === el, "the field is another");
    // What is moved keeps the focus in browsers that have moveBefore; here there is none.
    assert.ok(document.activeElement === el || labels[0] === "C", "the focus is lost");
    assert.deepEqual(Object.keys(values(page)), [...labels]);
    assert.deepEqual(values(page), { ...Object.fromEntries(labels.map((label) => [label, ""])), B: "bob" });
    // From here on it is called by its new id.
    page.mount.enter(page.node(now), "bobby", 0);
    page.receive(new Writer().number(Frame.Patch, 1, 3, 2).done());
    assert.deepEqual(events(page).at(-1), { ev: 3, node: now, seen: 3, words: "bobby" });
    page.end();
  }
});

test("a row that is not known to be the same is made anew, and nothing in it is a draft", () => {
  for (const trailer of [[], [2, 1, 1, 3, 2], [1, 0, 1, 3, 2], [1, 1, 1], [1, 1, 1, 0, 2], [1, 1, 1, 9, 2], [1, 1, 1, 1, 1, 1, 1]]) {
    const page = typed();
    const old = [2, 3, 4].map((id) => input(page, id));
    const frame = trailer.length ? onward(box("B", "C"), trailer[0]!, ...trailer.slice(1)) : snap(box("B", "C"), undefined, head);
    assert.equal(page.receive(frame), "", trailer.join());
    assert.deepEqual(values(page), { B: "", C: "" }, trailer.join());
    assert.ok([2, 3].every((id) => !old.includes(input(page, id))));
    assert.deepEqual(events(page).at(-1), both[2]);
    page.end();
  }
});

test("a SNAP that says wrongly what it goes on with is refused", () => {
  for (const trailer of [[1, 1], [1, 1, 0], [0, 1, 3], [1, 1, 4], [1, 1, 3, 9, 1], [1, 1, 2 ** 31]]) {
    const page = typed();
    const before = page.markup();
    assert.notEqual(page.receive(onward(box("B", "C"), trailer[0]!, ...trailer.slice(1))), "", trailer.join());
    assert.equal(page.markup(), before);
    page.end();
  }
});

test("rows in any order end up in the order of the SNAP", () => {
  const letters = [..."ABCDEFGH"];
  for (let run = 0; run < 50; run++) {
    const page = new TestPage();
    assert.equal(page.receive(snap(box(...letters))), "");
    const els = new Map(letters.map((label, n) => [label, input(page, n + 2)]));
    const labels = [...letters, "x", "y", "z"].map((label) => [Math.random(), label] as const).filter(([by]) => by < 0.8).toSorted(([a], [b]) => a - b).map(([, label]) => label);
    if (!labels.length) continue;
    const was = labels.flatMap((label) => [letters.includes(label) ? letters.indexOf(label) + 2 : 0, 1]);
    page.mount.lost(1);
    const frame = new Uint8Array([...snap(box(...labels), undefined, [1, 2, 2, 0]), ...new Writer().number(1, 1, 1, ...was).done()]);
    assert.equal(page.receive(frame), "");
    assert.deepEqual(Object.keys(values(page)), labels);
    labels.forEach((label, n) => assert.equal(input(page, n + 2) === els.get(label), els.has(label)));
    page.end();
  }
});

test("a frame that turns out to be faulty when its part is there is answered by NAK, and what came behind it is read", async () => {
  const page = new TestPage();
  assert.equal(page.receive(snap(box("A"))), "");
  const { effect } = parts;
  const { part: load } = loader;
  let come = (): void => undefined;
  delete parts.effect;
  loader.part = () => new Promise((then) => (come = () => (Object.assign(parts, { effect }), then())));
  const { error } = console;
  const wrong: unknown[] = [];
  console.error = (words: unknown) => void wrong.push(words);
  try {
    page.mount.enter(page.node(2), "a", 0);
    assert.equal(page.receive(new Writer().number(Frame.Effect, 1, 1, 99).done()), "");
    assert.equal(page.receive(snap(box("B"), undefined, [1, 2, 2, 1])), "");
    come();
    await new Promise((then) => setTimeout(then));
    assert.equal(wrong.length, 1);
    assert.equal(page.sent.filter((frame) => frame[0] === Frame.Nak).length, 1);
    assert.deepEqual(values(page), { B: "" });
  } finally {
    console.error = error;
    loader.part = load;
    Object.assign(parts, { effect });
    page.end();
  }
});
