// Whatever becomes of a frame on its way, the page shows what it showed or what a right frame says.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { hex, TestPage, unhex } from "./page";

const rounds = Number(process.env["ROUNDS"] ?? 60);

/** Numbers that look random and are the same each time. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Flips, drops, doubles or cuts some bytes. */
function mutate(frame: Uint8Array, pick: (below: number) => number): Uint8Array {
  const out = Array.from(frame);
  for (let n = 1 + pick(3); n--;) {
    const at = 1 + pick(out.length);
    const how = pick(5);
    if (how === 0) out[at] = pick(256);
    else if (how === 1) out[at] = (out[at] ?? 0) ^ (1 << pick(8));
    else if (how === 2) out.splice(at, 1 + pick(4));
    else if (how === 3) out.splice(at, 0, ...out.slice(at, at + 1 + pick(6)));
    else out.length = Math.max(1, pick(out.length));
  }
  return new Uint8Array(out);
}

interface Vectors { cases: { name: string; steps: { frame?: string; refused?: string; event?: object }[] }[] }

const files = ["protocol", "compact"].flatMap((folder) => readdirSync(`../abi/testdata/${folder}`).map((name) => `${folder}/${name}`)).filter((name) => !/frames|malformed/.test(name));
for (const file of files) {
  test(`${file}: mutated frames change all or nothing`, () => {
    const { cases } = JSON.parse(readFileSync(`../abi/testdata/${file}`, "utf8")) as Vectors;
    let refusals = 0;
    cases.forEach(({ steps }, number) => {
      const frames = steps.filter((s) => s.frame && !s.refused).map((s) => unhex(s.frame!)).filter((f) => f.length < 4096);
      if (steps.some((s) => s.event)) return;
      const pick = random(number + 1);
      for (let round = 0; round < rounds; round++) {
        const page = new TestPage();
        const upTo = pick(frames.length);
        if (frames.slice(0, upTo).some((frame) => page.receive(frame))) { page.end(); continue; } // one before was too long to be in the list
        const before = page.markup();
        const was = page.seq;
        const mutated = mutate(frames[upTo]!, pick);
        if (page.receive(mutated)) {
          refusals++;
          assert.equal(page.markup(), before);
          assert.equal(page.seq, was);
        } else assert.ok(page.shown() || !upTo, `${cases[number]!.name}: ${hex(mutated)} leaves nothing`);
        page.end();
      }
    });
    assert.ok(refusals > 0 || !cases.some((c) => c.steps.every((s) => !s.event)));
  });
}
