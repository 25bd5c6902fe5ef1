import type { Behaviour, Page, VNode } from "./node";
import type { Notes } from "./notes";
import type { Row } from "./rows";
import type { Apply } from "./tree";

/** What a part brings, a file that is loaded when the first component that needs it is shown. */
export interface Part {
  /** What components do, by their numbers. */
  does?: Readonly<Record<number, Behaviour>>;
  /** Reads the end of a PIXELS frame. */
  pixels?(node: VNode): Apply;
  /** Reads the end of an FX frame. */
  effect?(get: (id: number) => VNode | undefined, notes: Notes, download: string): Apply;
  /** Has what is shown become what a SNAP says. */
  morph?(old: VNode, fresh: VNode, all: (VNode | Row | undefined)[], page: Page, answered: number): void;
  /** Sends a file that was announced; false if the person has cancelled it. */
  upload?(url: string, token: string, node: VNode, file: File, page: Page): Promise<boolean>;
}

/** The parts that are loaded. */
export const parts: Part = { does: {} };
