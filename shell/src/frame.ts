import { attr } from "./dom";

/** What a person can see of a mount's state. */
export const enum State { Loading = "loading", Ready = "ready", Lost = "lost", Fault = "fault" }

/** An element of the host's own. */
export function h(tag: string, name: string, ...children: (Element | string)[]): HTMLElement {
  const el = document.createElement(tag);
  el.className = name;
  el.append(...children);
  return el;
}

/** A button of the host's own. */
export function button(words: string, then: () => void): HTMLElement {
  const el = h("button", "button", words);
  attr(el, "type", "button");
  el.addEventListener("click", (event) => event.isTrusted && then());
  return el;
}

/**
 * What the host draws around a plugin: its name, the state of the connection, an error with a way
 * out. The plugin cannot draw over it.
 */
export interface View {
  /** Holds the plugin's tree and nothing else. */
  readonly body: HTMLElement;
  readonly frame: HTMLElement;
  /** What some of the plugin's elements need for themselves. */
  readonly rules: CSSStyleSheet;
  /** Where assistive technology hears of notices, of what is announced, and of toasts: always there, so that it is heard. */
  readonly said: readonly HTMLElement[];
  /** Stands below the plugin, in sight also where it is taller than the window: what is said, and the host's notice below that. */
  readonly foot: HTMLElement;
  /** Says what the plugin is called. */
  call(name: string): void;
  /** Shows a state, and tells the page of it. */
  show(host: HTMLElement, state: State, error?: string): void;
}

/** Draws what is around a plugin in root; css is what sheet says, for a document that cannot have it. */
export function makeView(root: ShadowRoot, sheet: CSSStyleSheet | undefined, retry: () => void, css = ""): View {
  // What the server rendered stays until the first SNAP takes its place.
  const body = root.querySelector<HTMLElement>(".body") ?? h("div", "body");
  const [name, status, error] = [h("span", "name"), h("span", "status"), h("p", "")];
  const alert = h("div", "alert", error, button("Try again", retry));
  const said = [h("p", "unseen"), h("p", "unseen"), h("div", "toasts")];
  const foot = h("div", "foot", ...said);
  const frame = h("section", "frame", h("header", "", name, status), alert, body, foot);
  // A sheet is for the document that has made it.
  const { CSSStyleSheet: Sheet } = root.ownerDocument.defaultView as unknown as typeof globalThis;
  const rules = new Sheet();
  if (sheet && Sheet !== CSSStyleSheet) (sheet = new Sheet()).replaceSync(css);
  root.adoptedStyleSheets = sheet ? [sheet, rules] : [];
  root.replaceChildren(frame);
  for (const el of [status, ...said]) attr(el, "role", "status");
  attr(alert, "role", "alert");
  attr(frame, "tabindex", -1);
  const view: View = {
    body, frame, rules, said, foot,
    call: (words) => attr(frame, "aria-label", (name.textContent = words)),
    show(host, state, words = "") {
      const loading = state === State.Loading;
      const fault = state === State.Fault;
      attr(frame, "data-state", state);
      attr(frame, "aria-busy", loading && "true");
      status.textContent = state === State.Lost ? "Reconnecting…" : fault ? "Stopped" : "";
      attr(body, "inert", loading || fault);
      if (error.textContent !== words) error.textContent = words;
      attr(alert, "hidden", !fault);
      host.dispatchEvent(new CustomEvent("vitrine", { detail: { state, error: words || undefined } }));
    },
  };
  attr(alert, "hidden", true);
  view.call("Plugin");
  return view;
}
