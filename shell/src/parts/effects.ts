import { button, h, type View } from "../frame";
import type { Part } from "../loaded";
import type { Page, VNode } from "../node";
import { attr, end, fail, link, text, uint } from "../core";
import { mayTake } from "./keyboard";

/** The kinds of effects (abi/effect.go). */
const enum Kind { Focus = 1, Scroll, Announce, Toast, Open, Copy, Download }

const maxNotice = 300;
const maxWords = 300;
const maxToken = 128;
const maxLink = 2048;
const maxCopy = 64 << 10;
const tones = ["", "good", "warning", "danger"];
/** How long a toast stays, in ms; it waits while the person points at it. */
const stay = 6000;
const mostToasts = 4;

/** The notice of each view that has had one. */
const notices = new WeakMap<View, HTMLElement>();

function makeNote(page: Page): HTMLElement {
  const words = h("p", "words");
  const note = h("div", "note", h("div", "", words, button("Start anew", () => page.anew()), button("Dismiss", () => notify(page, ""))));
  attr(note, "role", "group");
  attr(note, "aria-label", "Notice");
  attr(words, "aria-hidden", "true"); // it is announced
  attr(words, "dir", "auto");
  page.view.foot.append(note);
  notices.set(page.view, note);
  return note;
}

/** Opens a notice below the plugin, so that nothing moves that the person is about to press. */
function notify(page: Page, words: string): void {
  const { view } = page;
  const [announcer] = view.said as [HTMLElement];
  const note = notices.get(view) ?? (words ? makeNote(page) : undefined);
  if (!note) return;
  const said = [...words].slice(0, maxNotice).join("");
  if (announcer.textContent !== said) announcer.textContent = said;
  // What closes keeps its words until it is closed.
  if (said) note.querySelector(".words")!.textContent = said;
  else if (note.matches(":focus-within")) view.frame.focus({ preventScroll: true });
  attr(note, "data-open", !!said);
}

/** Says something for a while, above the plugin and within its frame; who says it stands in front if that is the plugin. */
function toast({ view }: Page, tone: string, words: string, by = ""): void {
  const el = h("p", "toast", h("small", "by", by), h("span", "", words));
  attr(el, "data-tone", tone || undefined);
  const all = view.said[2]!;
  if (all.childElementCount >= mostToasts) all.firstElementChild!.remove();
  all.append(el);
  const away = (): void => void setTimeout(() => (el.matches(":hover") ? away() : el.remove()), stay);
  away();
}

/** Saves a file that the plugin offers. It is fetched: what a form leads to takes the place of the page where it is a refusal. */
async function download(page: Page, to: string, name: string, token: string): Promise<void> {
  const answer = await fetch(to, { method: "POST", body: new URLSearchParams({ token }), redirect: "error" }).catch(() => undefined);
  const file = answer?.status === 200 && (await answer.blob().catch(() => undefined));
  if (!file) return toast(page, "danger", "The file could not be loaded.");
  const a = document.createElement("a");
  a.download = name;
  a.href = URL.createObjectURL(file);
  a.click();
  setTimeout(() => URL.revokeObjectURL(a.href), stay);
}

/** Where the keyboard goes to when a component is focused. */
const wanted = "input,select,textarea,button,a[href],summary,[tabindex]";

/** Reads what is to be done. */
function read(page: Page, get: (id: number) => VNode | undefined, base: string): () => void {
  const kind = uint();
  if (kind === Kind.Focus || kind === Kind.Scroll) {
    const { el } = get(uint()) ?? fail("no node");
    return () => (kind === Kind.Scroll ? el.scrollIntoView({ block: "nearest", behavior: "smooth" }) : mayTake(page) && (el.matches(wanted) ? el : el.querySelector<HTMLElement>(wanted))?.focus());
  }
  if (kind === Kind.Announce) {
    const words = text(maxWords);
    const speaker = page.view.said[1]!;
    // Again if it is the same.
    return () => void (speaker.textContent = speaker.textContent === words ? `${words}\u00a0` : words);
  }
  if (kind === Kind.Toast) {
    const tone = tones[uint()] ?? fail("no tone");
    const words = text(maxWords);
    return () => toast(page, tone, words, page.title);
  }
  if (kind === Kind.Open) {
    const address = link(text(maxLink));
    return () => {
      try {
        open(address, "_blank", "noopener,noreferrer");
      } catch {
        // No browser reads its host.
      }
    };
  }
  if (kind === Kind.Copy) {
    const words = text(maxCopy);
    // A page without TLS has no clipboard at all.
    return () => void (async () => navigator.clipboard.writeText(words))().then(() => toast(page, "good", "Copied"), () => toast(page, "danger", "The browser does not let this be copied."));
  }
  if (kind !== Kind.Download) return fail("no such effect");
  const name = text(maxWords);
  const token = text(maxToken);
  return () => void download(page, `${base}download`, name, token);
}

export const brings: Part = {
  notify,
  effect(...given) {
    const then = read(...given);
    end();
    return then;
  },
};
