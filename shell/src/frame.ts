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
export class View {
  /** Holds the plugin's tree and nothing else. */
  readonly body: HTMLElement;
  private readonly name = h("span", "name");
  private readonly status = h("span", "status");
  private readonly error = h("p", "");
  private readonly alert: HTMLElement;
  readonly frame: HTMLElement;
  /** What some of the plugin's elements need for themselves. */
  readonly rules = new CSSStyleSheet();

  constructor(root: ShadowRoot, sheet: CSSStyleSheet | undefined, retry: () => void) {
    // What the server rendered stays until the first SNAP takes its place.
    this.body = root.querySelector(".body") ?? h("div", "body");
    this.alert = h("div", "alert", this.error, button("Try again", retry));
    this.frame = h("section", "frame", h("header", "", this.name, this.status), this.alert, this.body);
    root.adoptedStyleSheets = sheet ? [sheet, this.rules] : [];
    root.replaceChildren(this.frame);
    attr(this.status, "role", "status");
    attr(this.alert, "role", "alert");
    attr(this.alert, "hidden", true);
    attr(this.frame, "tabindex", -1);
    this.title = "Plugin";
  }

  get title(): string {
    return this.frame.ariaLabel!;
  }

  set title(name: string) {
    attr(this.frame, "aria-label", (this.name.textContent = name));
  }

  /** Shows a state, and tells the page of it. */
  show(host: HTMLElement, state: State, error?: string): void {
    host.dispatchEvent(new CustomEvent("vitrine", { detail: { state, error } }));
    const off = state === State.Fault || state === State.Loading;
    attr(this.frame, "data-state", state);
    attr(this.frame, "aria-busy", state === State.Loading ? "true" : undefined);
    this.status.textContent = state === State.Lost ? "Reconnecting…" : state === State.Fault ? "Stopped" : "";
    attr(this.body, "inert", off);
    if (this.error.textContent !== (error ?? "")) this.error.textContent = error ?? "";
    attr(this.alert, "hidden", state !== State.Fault);
  }
}
