// Holds the server's markup of a tree (bridge/shadow) to what the shell makes of it: what is shown first must not move.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { TestPage, unhex } from "./page";

interface Vector { name: string; frame: string; html: string }

/** What a value is told by, not an attribute, once a person can change it; and what only a page with a screen does. */
const unequal = /^(value|checked|selected|open|popovertarget|data-by)$/;
/** What stays empty until there is a script, or is written in the person's own language. */
const drawn = /^(canvas|chart|series|slider)$/;

function outline(el: Element, ids: Map<string, string>): string {
  const known = (id: string): string => {
    if (!ids.has(id)) ids.set(id, `#${ids.size}`);
    return ids.get(id)!;
  };
  const named = /^(id|for|list|name|aria-(controls|labelledby|describedby))$/;
  const attributes = [...el.attributes].filter(({ name, value }) => !unequal.test(name) && !(name === "id" && value.startsWith("r"))).map(({ name, value }) => `${name}=${named.test(name) ? value.split(" ").map(known).join(" ") : value}`).toSorted();
  const inside = [...el.childNodes].map((child) => (child.nodeType === 3 ? child.textContent : child.nodeType === 1 ? outline(child as Element, ids) : "")).join("");
  return `<${[el.localName, ...attributes].join(" ")}>${el.localName === "textarea" ? "" : inside}`;
}

for (const { name, frame, html } of JSON.parse(readFileSync("../abi/testdata/shadow.json", "utf8")) as Vector[]) {
  test(`the server's markup: ${name}`, () => {
    const page = new TestPage();
    page.view.frame.ariaLabel = "P"; // which a document without a screen does not read from the attribute
    assert.equal(page.receive(unhex(frame)), "");
    const server = document.createElement("div");
    server.innerHTML = /<div class="body" inert="">(.*)<\/div><\/section><\/template>$/s.exec(html)![1]!;
    const ours = outline(page.view.body.firstElementChild!, new Map());
    if (drawn.test(name) || name === "all in one") return assert.notEqual(server.innerHTML, "");
    assert.equal(outline(server.firstElementChild!, new Map()), ours);
    page.end();
  });
}
