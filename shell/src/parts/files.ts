import { Component, FilefieldProp } from "../catalog.gen";
import type { Behaviour, Page, VNode } from "../node";
import { core, given, listen } from "./tools";

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
  return !kinds.length || kinds.some((kind) => (kind.startsWith(".") ? name.toLowerCase().endsWith(kind) : kind.endsWith("/*") ? type.startsWith(kind.slice(0, -1)) : type === kind));
}

/** Cuts a text to so many bytes of UTF-8, between characters. */
function clip(text: string, most: number): string {
  const chars = [...text];
  while (new TextEncoder().encode(chars.join("")).length > most) chars.pop();
  return chars.join("");
}

const wrong = 4;

function pick(node: VNode, file: File | null | undefined, page: Page): void {
  const { vals } = node;
  if (!file || vals[FilefieldProp.Disabled]) return;
  const most = Number(vals[FilefieldProp.Maxbytes] ?? Infinity);
  core.part(node, 6).textContent = file.name;
  const bad = !accepted(String(vals[FilefieldProp.Accept] ?? ""), file.name, file.type) ? "This kind of file cannot be used here."
    : file.size > most ? `The file has ${size(file.size)}; at most ${size(most)} can be used here.` : "";
  core.tell(node, wrong, bad);
  if (!bad) page.offer(node, file, clip(file.name, maxName), clip(file.type, maxType), file.size);
}

/** A button that also takes what is dropped on it. */
export const filefield: Behaviour = {
  make(node, page) {
    const zone = core.part(node, 5);
    const over = (is: boolean) => (event: DragEvent): void => {
      event.preventDefault();
      zone.classList.toggle("over", is);
    };
    listen(zone, "dragover", over(true));
    listen(zone, "dragleave", over(false));
    listen(zone, "drop", (event) => {
      over(false)(event);
      pick(node, event.dataTransfer?.files[0], page);
    });
  },
  on(node, event, page) {
    const input = core.control(node) as HTMLInputElement;
    if (event.type === "click" && (event.target as Element).classList.contains("close")) return (node.own as XMLHttpRequest | undefined)?.abort(), true;
    if (event.type !== "change") return;
    pick(node, input.files?.[0], page);
    input.value = "";
    return true;
  },
};

/** Sends a file over HTTP, shows how far it is, and says what went wrong; false if the person cancelled it. */
export async function upload(url: string, token: string, node: VNode, file: File): Promise<boolean> {
  const bar = core.part(node, 7) as HTMLProgressElement;
  const request = new XMLHttpRequest();
  (node.own as XMLHttpRequest | undefined)?.abort();
  node.own = request;
  node.drop = () => request.abort();
  request.open("POST", url);
  request.setRequestHeader("Vitrine-Upload", token);
  request.upload.onprogress = ({ loaded, total }) => {
    bar.value = loaded / (total || 1);
    core.part(node, 6).textContent = `${file.name} · ${Math.floor(bar.value * 100)} %`;
  };
  core.attr(bar.parentElement!, "hidden", false);
  const failed = await new Promise<string | undefined>((done) => {
    request.onload = () => done(request.status < 300 ? "" : `The file was refused (${request.status}).`);
    request.onerror = () => done("The file could not be sent.");
    request.onabort = () => done(undefined);
    request.send(file);
  });
  if (node.own !== request) return false;
  core.attr(bar.parentElement!, "hidden", true);
  core.part(node, 6).textContent = file.name;
  if (failed) core.tell(node, wrong, failed);
  return failed !== undefined;
}

export const part = given({ does: { [Component.Filefield]: filefield }, upload });
