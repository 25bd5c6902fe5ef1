import { bind, build, control, drop, entryOf, newId, ownerOf, part, place, set, tell } from "./build";
import { attr } from "./dom";
import { readDrawing } from "./drawing";
import { type Part, parts } from "./loaded";
import { entries, follow } from "./table";
import { link } from "./values";
import { begin, byte, bytes, end, fail, int, left, text, uint, within } from "./wire";

/** What the parts use of the mount: they are files of their own, and it is there once. */
export const tools = { attr, begin, bind, build, byte, bytes, control, drop, end, entryOf, fail, follow, int, left, link, newId, ownerOf, part, place, readDrawing, set, tell, text, uint, within };

export type Tools = typeof tools;

/** Takes what a part brings. */
export function use(part: Part): void {
  for (const [kind, does] of Object.entries(part.does ?? {})) Object.assign(entries[Number(kind)]!, { does, part: "" });
  Object.assign(parts, part);
}

/** Where parts come from. */
export const loader = {
  part: async (name: string): Promise<void> => {
    const file = `./${name}.js`;
    use(((await import(file)) as { part(given: Tools): Part }).part(tools));
  },
};
