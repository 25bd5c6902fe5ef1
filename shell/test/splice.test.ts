// A text is spliced where it stands; what others made of it in the page keeps no frame from being applied in full.
import assert from "node:assert/strict";
import { test } from "node:test";
import { node, Patch, snap, Strings } from "./encode";
import { TestPage } from "./page";

const splice = 10;

const meddlings: Record<string, { how: (el: HTMLElement) => void; shown: string }> = {
  nothing: { how: () => undefined, shown: "Guten Tag, Welt" },
  "a shorter text": { how: (el) => void ((el.firstChild as Text).data = "Hi"), shown: "Guten Tag, Welt" },
  "no text": { how: (el) => void ((el.firstChild as Text).data = ""), shown: "Guten Tag, Welt" },
  "an element in its place": {
    how(el) {
      const font = document.createElement("font");
      font.append("Hello");
      el.firstChild!.replaceWith(font);
    },
    shown: "Hello",
  },
};

for (const [name, { how, shown }] of Object.entries(meddlings)) {
  test(`a splice, and somebody has left ${name}`, () => {
    const page = new TestPage();
    const strings = new Strings();
    assert.equal(page.receive(snap(node("box", {}, node("text", { text: "Guten Tag" }), node("text", { text: "after" })), strings, [1, 1, 1, 0])), "");
    const text = page.node(2).el;
    const kept = text.firstChild;
    how(text);
    const patch = new Patch(strings, [1, 2, 0]);
    patch.w.number(2 * 2 * 16 + splice, 0, 0);
    strings.write(patch.w, ", Welt");
    patch.w.number(2 * 1 * 16 + splice, 0, 5);
    strings.write(patch.w, "all");
    assert.equal(page.receive(patch.done()), "");
    assert.equal(text.textContent, shown);
    if (name !== "an element in its place") assert.equal(text.firstChild, kept);
    assert.equal(page.node(3).el.textContent, "all");
    assert.equal(page.node(2).vals[0], "Guten Tag, Welt");
    page.end();
  });
}
