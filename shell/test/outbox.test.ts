import assert from "node:assert/strict";
import { test } from "node:test";
import { ButtonEvent, CanvasEvent, Component, SliderEvent, TextfieldEvent } from "../src/catalog.gen";
import "./page";
import { VNode } from "../src/node";
import { makeOutbox } from "../src/outbox";
import { begin, float, int, text } from "../src/wire";

function outbox() {
  const full = { times: 0 };
  const sent: { ev: number; node: number; event: number; seen: number; body: Uint8Array }[] = [];
  return { sent, full, box: makeOutbox((ev, node, event, seen, body) => sent.push({ ev, node, event, seen, body }), () => full.times++) };
}

const make = (id: number, kind: Component): VNode => new VNode(id, kind, undefined);
const field = (): VNode => make(2, Component.Textfield);
const words = (body: Uint8Array): string => (begin(body), text(100));

test("of a field's input one event is on its way and the newest waits", () => {
  const { sent, box } = outbox();
  const node = field();
  for (const value of ["a", "ab", "abc"]) {
    node.dirty = Infinity;
    box.push(node, TextfieldEvent.Input, [value]);
  }
  assert.deepEqual(sent.map((s) => words(s.body)), ["a"]);
  box.answered(1);
  assert.deepEqual(sent.map((s) => [s.ev, words(s.body)]), [[1, "a"], [2, "abc"]]);
  box.answered(2);
  assert.equal(sent.length, 2);
});

test("what waits is sent before what comes after it", () => {
  const { sent, box } = outbox();
  const node = field();
  box.push(node, TextfieldEvent.Input, ["a"]);
  box.push(node, TextfieldEvent.Input, ["ab"]);
  box.push(make(3, Component.Button), ButtonEvent.Click, []);
  assert.deepEqual(sent.map((s) => [s.ev, s.node]), [[1, 2], [2, 2], [3, 3]]);
});

test("a field is newer than the server until the event with its value is answered", () => {
  const { box } = outbox();
  const node = field();
  box.push(node, TextfieldEvent.Input, ["a"]);
  assert.equal(node.dirty, 1);
  node.dirty = Infinity;
  box.push(node, TextfieldEvent.Input, ["ab"]);
  assert.equal(node.dirty, Infinity);
  assert.ok(box.waits(node));
  box.answered(1);
  assert.equal(node.dirty, 2);
});

test("turns of the wheel are summed", () => {
  const { sent, box } = outbox();
  const node = make(4, Component.Canvas);
  for (const steps of [1, 2, -0.5]) box.push(node, CanvasEvent.Wheel, [steps * 10, 5, steps]);
  box.answered(1);
  begin(sent[1]!.body);
  assert.deepEqual([int(), int(), float()], [-5, 5, 1.5]);
});

test("after a drop the unanswered are sent again, as they were", () => {
  const { sent, box } = outbox();
  const button = make(3, Component.Button);
  box.seen = 7;
  for (let i = 0; i < 4; i++) box.push(button, ButtonEvent.Click, []);
  box.answered(1);
  box.seen = 9;
  sent.length = 0;
  box.resend(2);
  assert.deepEqual(sent.map((s) => [s.ev, s.seen]), [[3, 7], [4, 7]]);
});

test("a slider and a field do not hold each other back", () => {
  const { sent, box } = outbox();
  box.push(make(5, Component.Slider), SliderEvent.Input, [1]);
  box.push(field(), TextfieldEvent.Input, ["x"]);
  assert.equal(sent.length, 2);
});

test("no more than 100 events are unanswered: what a field holds waits, the rest is said to be lost", () => {
  const { sent, full, box } = outbox();
  const node = field();
  for (let i = 0; i < 200; i++) box.push(make(3, Component.Button), ButtonEvent.Click, []);
  for (const value of ["a", "ab"]) box.push(node, TextfieldEvent.Change, [value]);
  assert.equal(sent.length, 100);
  assert.equal(full.times, 100);
  box.answered(50);
  assert.deepEqual(sent.slice(100).map((s) => [s.ev, s.node, words(s.body)]), [[101, 2, "ab"]]);
});
