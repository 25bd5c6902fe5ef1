import { Frame } from "../frames";
import { Component, FilefieldProp } from "../catalog.gen";
import type { Part } from "../loaded";
import type { Behaviour, Page, VNode } from "../node";
import { attr, control, crossed, listen, onDrop, part, parts } from "../core";

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

/** Where it is said what is wrong with a file. */
const wrong = { part: 4, how: "~", name: "", constant: undefined };

/** The number of no event. */
const none = -1;

/** How often it is looked whether the server has answered, in ms: rarely enough to cost nothing. */
const often = 250;

/** A file that was announced: by which event, with the token once it is on its way. */
interface Offer { page: Page; ev: number; file: File; token?: string }

/** What was announced last for each node. */
const offers = new Map<VNode, Offer>();

/** Says that a file was refused, once its event is answered and no token has come. */
function expect(node: VNode, offer: Offer): void {
  if (offers.get(node) !== offer || offer.token) return;
  if (offer.page.busy(node)) setTimeout(expect, often, node, offer);
  else parts.field!(node, wrong, undefined, "The file was refused. Try again in a moment, or choose another one.");
}

function pick(node: VNode, file: File | null | undefined, page: Page): void {
  const { vals } = node;
  if (!file || vals[FilefieldProp.Disabled]) return;
  const most = Number(vals[FilefieldProp.Maxbytes] ?? Infinity);
  part(node, 6).textContent = file.name;
  const bad = !accepted(String(vals[FilefieldProp.Accept] ?? ""), file.name, file.type) ? "This kind of file cannot be used here."
    : file.size > most ? `The file has ${size(file.size)}; at most ${size(most)} can be used here.` : "";
  parts.field!(node, wrong, undefined, bad);
  if (bad) return;
  const ev = page.emit(node, 0, clip(file.name, maxName), clip(file.type, maxType), file.size);
  if (!offers.has(node)) onDrop(node, () => offers.delete(node));
  const offer = { page, ev: ev || none, file };
  offers.set(node, offer);
  expect(node, offer);
}

/** A button that also takes what is dropped on it. */
export const filefield: Behaviour = {
  make(node, page) {
    const zone = part(node, 5);
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
    const input = control(node) as HTMLInputElement;
    if (crossed(event)) return (node.own as XMLHttpRequest | undefined)?.abort(), true;
    if (event.type !== "change") return;
    pick(node, input.files?.[0], page);
    input.value = "";
    return true;
  },
};

/** Sends the file that an event has announced. After a drop the server asks again; what is on its way is not sent twice. */
function deliver(page: Page, ev: number, token: string, url: string): void {
  for (const [node, offer] of offers) {
    if (offer.page !== page || offer.ev !== ev || offer.token === token) continue;
    offer.token = token;
    void send(url, token, node, offer.file).then((done) => {
      if (!done) page.say(Frame.Cancel, ev);
      if (offer.token === token) offer.ev = none;
    });
  }
}

/** Sends a file over HTTP, shows how far it is, and says what went wrong; false if the person cancelled it. */
async function send(url: string, token: string, node: VNode, file: File): Promise<boolean> {
  const bar = part(node, 7) as HTMLProgressElement;
  const request = new XMLHttpRequest();
  (node.own as XMLHttpRequest | undefined)?.abort();
  node.own = request;
  onDrop(node, () => request.abort());
  request.open("POST", url);
  request.setRequestHeader("Vitrine-Upload", token);
  request.upload.onprogress = ({ loaded, total }) => {
    bar.value = loaded / (total || 1);
    part(node, 6).textContent = `${file.name} · ${Math.floor(bar.value * 100)} %`;
  };
  attr(bar.parentElement!, "hidden", false);
  const failed = await new Promise<string | undefined>((done) => {
    request.onload = () => done(request.status < 300 ? "" : `The file was refused: ${/"error":"([^"]+)/.exec(request.responseText)?.[1] ?? request.status}.`);
    request.onerror = () => done("The file could not be sent.");
    request.onabort = () => done(undefined);
    request.send(file);
  });
  if (node.own !== request) return false;
  attr(bar.parentElement!, "hidden", true);
  part(node, 6).textContent = file.name;
  if (failed) parts.field!(node, wrong, undefined, failed);
  return failed !== undefined;
}

export const brings: Part = { does: { [Component.Filefield]: filefield }, deliver };
