import { attr, control, newId, ownerOf, part, set, tell } from "./build";
import { follow } from "./table";
import { link } from "./values";
import { begin, byte, bytes, end, fail, int, left, text, uint, within } from "./wire";

/** What the parts that are loaded beside the core use of it: both are files of their own, and the core is there once. */
export const tools = { attr, link, begin, byte, bytes, control, end, fail, follow, int, left, newId, ownerOf, part, set, tell, text, uint, within };
export type Tools = typeof tools;
