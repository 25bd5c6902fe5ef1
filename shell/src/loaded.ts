import type { Behaviour, Page, Value, VNode } from "./node";
import type { Row } from "./rows";
import { entries, type Sink } from "./table";
import type { Apply } from "./tree";
import type { Part as WirePart } from "./wire";

/** What a part brings, a file that is loaded when the first component that needs it is shown. */
export interface Part {
  /** What components do, by their numbers. */
  does?: Readonly<Record<number, Behaviour>>;
  /** Shows what only fields have: their values, help and errors. */
  field?(node: VNode, sink: Sink, value: Value, words?: string): void;
  /** Reads the end of a PIXELS frame. */
  pixels?(node: VNode): Apply;
  /** Says what the plugin could not do, which lives on; "" puts that away. */
  notify?(page: Page, text: string): void;
  /** Reads the end of an FX frame. */
  effect?(page: Page, get: (id: number) => VNode | undefined, base: string): Apply;
  /** Has what is shown become what a SNAP says; was is the node that goes on with an id of it. */
  morph?(old: VNode, fresh: VNode, all: (VNode | Row | undefined)[], page: Page, answered: number, was: (id: number) => VNode | undefined): void;
  /** What the page sets of the plugin's props, for the end of MOUNT. */
  opening?(page: Page): readonly WirePart[];
  /** The page has set other props. */
  tell?(page: Page): void;
  /** Reads the end of a CALL, REFUSED or TAKEN frame, and does what it says. */
  called?(page: Page, type: number): void;
  /** Says again what may have been lost with a connection. */
  again?(page: Page): void;
  /** Sends the file that an event has announced. */
  deliver?(page: Page, ev: number, token: string, url: string): void;
}

/** The parts that are loaded. */
export const parts: Part = {};

/** Takes what a part brings. */
export function use(part: Part): void {
  for (const [kind, does] of Object.entries(part.does ?? {})) Object.assign(entries[+kind]!, { does, part: [] } satisfies Partial<(typeof entries)[0]>);
  Object.assign(parts, part);
}

/** Where parts come from. */
export const loader = {
  part: async (name: string): Promise<void> => {
    const file = `./${name}.js`;
    use(((await import(file)) as { brings: Part }).brings);
  },
};
