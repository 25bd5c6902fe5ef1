/** What the parts use of the mount, as a module that mount.js exports: they are files of their own, and it is there once. */
export { bind, build, control, drop, entryOf, move, newId, ownerOf, part, place, set } from "./build";
export { attr } from "./dom";
export { readDrawing } from "./drawing";
export { chosen, crossed, kidsIn, listen } from "./elements";
export { maxPayload } from "./frames";
export { parts } from "./loaded";
export { onDrop } from "./node";
export { follow } from "./table";
export { link } from "./values";
export { byte, bytes, end, fail, int, left, type Part as WirePart, text, uint, within, write } from "./wire";
