// What a custom element of the page's own may tell a plugin, and what may follow from that.
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import type { HostComponents } from "../src/embed";
import { Frame } from "../src/frames";
import { active, node, Patch, snap, Strings, Writer } from "./encode";
import { TestPage } from "./page";

let page: TestPage;
let card: HTMLElement;
let acts = true;
Object.defineProperty(globalThis, "navigator", { configurable: true, value: { userActivation: { get isActive() { return acts; } } } });

beforeEach(() => {
  acts = true;
  page = new TestPage();
  const components: HostComponents = { "demo.card": { calls: ["click", "pick"], show: "demo-card" } };
  Object.assign(page.mount.host, { components });
  const host = node("host", { name: "demo.card", label: "A card" }, node("part", {}, node("button", { text: "Inside" })));
  assert.equal(page.receive(snap(active(host, "call"), new Strings())), "");
  card = page.view.body.querySelector("demo-card")!;
});
afterEach(() => page.end());

const calls = (): number => page.sent.filter(([type]) => type === Frame.Event).length;
const tell = (el: Element, type: string): boolean => el.dispatchEvent(new CustomEvent(type, { bubbles: true, detail: "a" }));

test("what an element dispatches is told", () => {
  tell(card, "click");
  tell(card, "pick");
  tell(card, "other");
  assert.equal(calls(), 2);
});

test("what happens to the plugin's own parts in an element is not told", () => {
  tell(card.querySelector("button")!, "click");
  tell(card.querySelector(".part")!, "pick");
  assert.equal(calls(), 0);
});

/** What stands in each of two slots and beside them, of a host component with parts that are named by what they say. */
function slotted(...parts: readonly string[]): { patch(change: (patch: Patch) => void): string[] } {
  const boxes: Record<string, HTMLElement> = { a: document.createElement("div"), b: document.createElement("div") };
  const strings = new Strings();
  const part = (words: string) => node("part", { slot: words[0]! }, node("text", { text: words }));
  Object.assign(page.mount.host, { components: {
    two: { show: (into: HTMLElement) => (into.append(boxes["a"]!), { update() {}, remove() {}, slots: (slot: string) => boxes[slot] }) }, // the other is not in the page
    one: { show: "demo-card" },
  } });
  assert.equal(page.receive(snap(node("box", {}, node("host", { name: "two", label: "x" }, ...parts.map(part))), strings, [1, 2, 2, 0])), "");
  let seq = 2;
  const host = (): Element => page.view.body.querySelector(".host")!;
  const said = (el: Element | null): string => Array.from(el?.children ?? []).filter(({ className }) => className === "part").map(({ textContent }) => textContent).join(" ");
  return {
    patch(change) {
      const patch = new Patch(strings, [1, ++seq, 0]);
      change(patch);
      assert.equal(page.receive(patch.done()), "");
      return [said(boxes["a"]!), said(boxes["b"]!), said(host()), said(host().querySelector("demo-card"))];
    },
  };
}

// Ids: 1 the box, 2 the host component, 3, 5, 7 … its parts, each with a text behind it.
test("parts stand each in its slot, in one order whatever slots they stand in", () => {
  const { patch } = slotted("a1", "b1", "a3");
  assert.deepEqual(patch(() => undefined), ["a1 a3", "b1", "", ""]);
  assert.deepEqual(patch((p) => p.insert(2, 5, node("part", { slot: "a" }, node("text", { text: "a2" })))), ["a1 a2 a3", "b1", "", ""], "before a part of the other slot");
  assert.deepEqual(patch((p) => p.move(3, 5)), ["a2 a1 a3", "b1", "", ""]);
  assert.deepEqual(patch((p) => p.move(7, 9)), ["a3 a2 a1", "b1", "", ""]);
  assert.deepEqual(patch((p) => p.insert(2, 0, node("part", { slot: "c" }, node("text", { text: "c" }))).insert(2, 0, node("part", { slot: "b" }, node("text", { text: "b2" })))), ["a3 a2 a1", "b1 b2", "c", ""], "what there is no slot for");
  assert.deepEqual(patch((p) => p.drop(9)), ["a3 a1", "b1 b2", "c", ""]);
});

test("a part that is given another slot goes there, and all go with their component", () => {
  const { patch } = slotted("a1", "b1", "a2", "b2");
  assert.deepEqual(patch((p) => p.set(7, "part", "slot", "b")), ["a1", "b1 a2 b2", "", ""]);
  assert.deepEqual(patch((p) => p.set(2, "host", "name", "one").drop(5)), ["", "", "", "a1 a2 b2"]);
  assert.deepEqual(patch((p) => p.move(9, 3)), ["", "", "", "b2 a1 a2"]);
  assert.deepEqual(patch((p) => p.set(2, "host", "name", "two")), ["a1", "b2 a2", "", ""]);
  assert.deepEqual(patch((p) => p.set(2, "host", "name", "nobody's")), ["", "", "b2 a1 a2", ""]);
});

test("a part that a snapshot knows again stays the element it was, in its slot", () => {
  slotted("a1", "b1");
  const [before] = page.view.body.querySelectorAll(".part");
  const parts = ["b1", "a1"].map((words) => node("part", { slot: words[0]! }, node("text", { text: words })));
  const tree = snap(node("box", {}, node("host", { name: "two", label: "x" }, ...parts)), new Strings(), [1, 3, 3, 0]);
  assert.equal(page.receive(new Uint8Array([...tree, 2, 1, 2, 5, 2, 3, 2])), "");
  assert.equal(page.view.body.querySelector(".part"), before);
  assert.equal(before!.textContent, "a1");
});

for (const [name, who, heard] of [["a person does", true, "done"], ["the page does by itself", false, ""]] as const) {
  test(`effects of what ${name} are ${heard || "not done"}`, () => {
    acts = who;
    tell(card, "pick");
    acts = true;
    assert.equal(page.receive(new Patch(new Strings(), [1, 2, 1]).done()), "");
    assert.equal(page.receive(new Writer().number(Frame.Effect, 1, 1, 3).text("done").done()), "");
    assert.equal(page.view.said[1]!.textContent, heard);
  });
}
