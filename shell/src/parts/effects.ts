import type { Notes } from "../notes";
import type { VNode } from "../node";
import { core, given } from "./tools";

/** The kinds of effects (abi/effect.go). */
const enum Kind { Focus = 1, Scroll, Announce, Toast, Open, Copy, Download }

const maxWords = 300;
const maxLink = 2048;
const maxCopy = 64 << 10;
const tones = ["", "good", "warning", "danger"];
/** How long a toast stays, in ms; it waits while the person points at it. */
const stay = 6000;

/** Says something for a while, above the plugin and within its frame. */
function toast(notes: Notes, tone: string, words: string): void {
  const el = document.createElement("p");
  el.className = "toast";
  core.attr(el, "data-tone", tone || undefined);
  el.textContent = words;
  notes.toasts.append(el);
  const away = (): void => void setTimeout(() => (el.matches(":hover") ? away() : el.remove()), stay);
  away();
}

/** A form is what opens a download without a script reading the file. */
function download(to: string, token: string): void {
  const form = document.createElement("form");
  form.method = "post";
  core.attr(form, "action", to);
  const field = document.createElement("input");
  field.type = "hidden";
  field.name = "token";
  field.value = token;
  form.append(field);
  document.body.append(form);
  form.submit();
  form.remove();
}

/** Reads the end of an FX frame. */
export function effect(get: (id: number) => VNode | undefined, notes: Notes, to: string): () => void {
  const kind = core.uint();
  let then: () => void;
  if (kind === Kind.Focus || kind === Kind.Scroll) {
    const node = get(core.uint()) ?? core.fail("no node");
    then = () => {
      if (kind === Kind.Scroll) return node.el.scrollIntoView({ block: "nearest", behavior: "smooth" });
      const wanted = "input,select,textarea,button,a[href],summary,[tabindex]";
      (node.el.matches(wanted) ? node.el : node.el.querySelector<HTMLElement>(wanted))?.focus();
    };
  } else if (kind === Kind.Announce) {
    const words = core.text(maxWords);
    then = () => notes.announce(words);
  } else if (kind === Kind.Toast) {
    const tone = tones[core.uint()] ?? core.fail("no tone");
    const words = core.text(maxWords);
    then = () => toast(notes, tone, words);
  } else if (kind === Kind.Open) {
    const address = core.link(core.text(maxLink));
    then = () => void open(address, "_blank", "noopener,noreferrer");
  } else if (kind === Kind.Copy) {
    const words = core.text(maxCopy);
    then = () => void navigator.clipboard.writeText(words).then(() => toast(notes, "good", "Copied"), () => toast(notes, "danger", "The browser does not let this be copied."));
  } else if (kind === Kind.Download) {
    core.text(maxWords); // the host names the file
    const token = core.text(maxWords);
    then = () => download(to, token);
  } else return core.fail("no such effect");
  core.end();
  return then;
}

export const part = given({ effect });
