import { control, newId, ownerOf, part, set, tell } from "./build";
import { attr } from "./dom";
import { readDrawing } from "./drawing";
import type { Behaviour, Page, VNode } from "./node";
import type { Notes } from "./notes";
import { entries, follow } from "./table";
import type { Apply } from "./tree";
import { link } from "./values";
import { begin, byte, bytes, end, fail, int, left, text, uint, within } from "./wire";

/** What the parts use of the mount: they are files of their own, and it is there once. */
export const tools = { attr, link, begin, byte, bytes, control, end, fail, follow, int, left, newId, ownerOf, part, readDrawing, set, tell, text, uint, within };

export type Tools = typeof tools;

/** What a part brings, a file that is loaded when the first component that needs it is shown. */
export interface Part {
  /** What components do, by their numbers. */
  does?: Readonly<Record<number, Behaviour>>;
  /** Reads the end of a PIXELS frame. */
  pixels?(node: VNode): Apply;
  /** Reads the end of an FX frame. */
  effect?(get: (id: number) => VNode | undefined, notes: Notes, download: string): Apply;
  /** Sends a file that was announced; false if the person has cancelled it. */
  upload?(url: string, token: string, node: VNode, file: File, page: Page): Promise<boolean>;
}

/** The parts that are loaded. */
export const parts: Part = { does: {} };

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
