// Holds the page to the links that the server is held to as well (abi/testdata/links.json).
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Frame } from "../src/frames";
import { link } from "../src/values";
import { begin, byte, Malformed, uint } from "../src/wire";
import { node, snap } from "./encode";
import { TestPage } from "./page";

const links = JSON.parse(readFileSync("../abi/testdata/links.json", "utf8")) as { valid: string[]; refused: string[] };

test("what the server takes, the page takes", () => {
  for (const address of links.valid) assert.equal(link(address), address);
  for (const address of links.refused) assert.throws(() => link(address), Malformed, address);
});

test("a host that no browser reads leads nowhere, and hides nothing", () => {
  const page = new TestPage();
  assert.equal(page.receive(snap(node("box", {}, node("link", { text: "x", href: "https://xn--a-ecp.example/" })))), "");
  assert.match(page.markup(), /xn--a-ecp/);
  page.end();
});

test("every snapshot that is refused is answered, with its epoch", () => {
  const page = new TestPage();
  const shot = (seq: number, epoch: number): Uint8Array => snap(node("box", {}, node("link", { text: "x", href: "javascript:x" })), undefined, [1, epoch, seq, 0]);
  const naks = (): number[][] => page.sent.filter((f) => f[0] === Frame.Nak).map((f) => (begin(f), byte(), [uint(), uint(), uint()]));
  for (const n of [1, 2, 3]) assert.notEqual(page.receive(shot(n, n)), "");
  assert.deepEqual(naks(), [[1, 1, 0], [1, 2, 0], [1, 3, 0]]);
  assert.equal(page.receive(snap(node("box", {}), undefined, [1, 4, 4, 0])), "");
  assert.equal(page.view.frame.getAttribute("data-state"), "ready");
  page.end();
});
