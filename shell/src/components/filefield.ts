import { FilefieldEvent, FilefieldProp } from "../catalog.gen";
import type { Definition } from "../component";
import { attr, h, listen } from "../dom";
import type { Page, VNode } from "../node";
import { field, showError } from "./fields";

const maxName = 512;
const maxType = 128;

const units = ["byte", "kilobyte", "megabyte", "gigabyte"];

/** A size for people, in their language. */
export function size(bytes: number): string {
  const i = bytes < 1 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), units.length - 1);
  return (bytes / 1000 ** i).toLocaleString(undefined, { style: "unit", unit: units[i]!, maximumFractionDigits: 1 });
}

/** Whether a file is of a kind that accept lists; an empty list takes any. */
export function accepted(accept: string, name: string, type: string): boolean {
  const kinds = accept.toLowerCase().split(",").map((kind) => kind.trim()).filter(Boolean);
  return !kinds.length || kinds.some((kind) =>
    kind.startsWith(".") ? name.toLowerCase().endsWith(kind)
    : kind.endsWith("/*") ? type.startsWith(kind.slice(0, -1))
    : type === kind);
}

/** Cuts a text to so many bytes of UTF-8, between characters. */
function clip(text: string, most: number): string {
  const chars = [...text];
  while (new TextEncoder().encode(chars.join("")).length > most) chars.pop();
  return chars.join("");
}

function take(node: VNode, file: File | null | undefined, page: Page): void {
  if (!file || node.values[FilefieldProp.Disabled]) return;
  const most = Number(node.values[FilefieldProp.Maxbytes] ?? Infinity);
  node.parts["picked"]!.textContent = file.name;
  if (!accepted(String(node.values[FilefieldProp.Accept] ?? ""), file.name, file.type)) {
    showError(node, "This kind of file cannot be used here.");
  } else if (file.size > most) {
    showError(node, `The file has ${size(file.size)}; at most ${size(most)} can be used here.`);
  } else {
    showError(node, "");
    page.upload(node, FilefieldEvent.File, file, [clip(file.name, maxName), clip(file.type, maxType), file.size]);
  }
}

/** A button that also takes what is dropped on it. */
export const filefield: Definition = {
  make: (node, page) => {
    const input = h("input", "unseen");
    input.type = "file";
    const picked = (node.parts["picked"] = h("span", "picked"));
    attr(picked, "aria-live", "polite");
    const zone = h("label", "drop", input, h("span", "choose", "Choose a file"), picked);
    const el = field(node, input, zone);
    listen(zone, "dragover", (event) => {
      event.preventDefault();
      zone.classList.add("over");
    });
    listen(zone, "dragleave", () => zone.classList.remove("over"));
    listen(zone, "drop", (event) => {
      event.preventDefault();
      zone.classList.remove("over");
      take(node, event.dataTransfer?.files[0], page);
    });
    return el;
  },
  set: { error: showError, maxbytes: () => undefined },
  on: {
    change: (node, _event, page) => {
      const input = node.control as HTMLInputElement;
      take(node, input.files?.[0], page);
      input.value = "";
      return true;
    },
  },
};
