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
