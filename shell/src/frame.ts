import { attr } from "./build";

/** What a person can see of a mount's state. */
export const enum State { Loading = "loading", Ready = "ready", Lost = "lost", Fault = "fault" }

const maxNotice = 300;

function h(tag: string, name: string, ...children: (Element | string)[]): HTMLElement {
  const el = document.createElement(tag);
  el.className = name;
  el.append(...children);
  return el;
}

function button(words: string, then: () => void): HTMLElement {
  const el = h("button", "button", words);
  attr(el, "type", "button");
  el.addEventListener("click", (event) => event.isTrusted && then());
  return el;
}

/**
 * What the host draws around a plugin: its name, the state of the connection, an error with a way
 * out, a notice of what a plugin that goes on could not do. The plugin cannot draw over it.
 */
export class View {
  /** Holds the plugin's tree and nothing else. */
  readonly body = h("div", "body");
  private readonly name = h("span", "name");
  private readonly status = h("span", "status");
  private readonly error = h("p", "");
  private readonly alert: HTMLElement;
  /** Always there and never hidden, so that what it says is announced, when there is time. */
  private readonly announcer = h("p", "unseen");
  private readonly speaker = h("p", "unseen");
  /** What is said for a while, and to assistive technology by itself. */
  readonly toasts = h("div", "toasts");
  private readonly notice = h("p", "words");
  private readonly note: HTMLElement;
  readonly frame: HTMLElement;
  private readonly rules = new CSSStyleSheet();
  private readonly ruleTexts = new Map<HTMLElement, string>();

  constructor(root: ShadowRoot, sheet: CSSStyleSheet, retry: () => void) {
    this.alert = h("div", "alert", this.error, button("Try again", retry));
    this.note = h("div", "note", h("div", "", this.notice, button("Start anew", retry), button("Dismiss", () => this.notify(""))));
    this.frame = h("section", "frame", h("header", "", this.name, this.status), this.alert, this.body, this.announcer, this.speaker, this.toasts, this.note);
    root.adoptedStyleSheets = [sheet, this.rules];
    root.replaceChildren(this.frame);
    attr(this.status, "role", "status");
    attr(this.alert, "role", "alert");
    attr(this.alert, "hidden", true);
    for (const el of [this.announcer, this.speaker, this.toasts]) attr(el, "role", "status");
    attr(this.note, "role", "group");
    attr(this.note, "aria-label", "Notice");
    attr(this.notice, "aria-hidden", "true"); // the announcer says it
    attr(this.notice, "dir", "auto");
    attr(this.frame, "tabindex", -1);
    this.title = "Plugin";
  }

  get title(): string {
    return this.frame.ariaLabel!;
  }

  set title(name: string) {
    attr(this.frame, "aria-label", (this.name.textContent = name));
  }

  show(state: State, error = ""): void {
    const off = state === State.Fault || state === State.Loading;
    attr(this.frame, "data-state", state);
    attr(this.frame, "aria-busy", state === State.Loading ? "true" : undefined);
    this.status.textContent = state === State.Lost ? "Reconnecting…" : state === State.Fault ? "Stopped" : "";
    attr(this.body, "inert", off);
    if (this.error.textContent !== error) this.error.textContent = error;
    attr(this.alert, "hidden", state !== State.Fault);
    if (off) this.notify("");
  }

  /**
   * Says what the plugin could not do, which lives on; "" puts that away. It opens below the plugin,
   * so that nothing moves that the person is about to press.
   */
  notify(text: string): void {
    const said = [...text].slice(0, maxNotice).join("");
    if (this.announcer.textContent !== said) this.announcer.textContent = said;
    // What closes keeps its words until it is closed.
    if (said) this.notice.textContent = said;
    else if (this.note.matches(":focus-within")) this.frame.focus({ preventScroll: true });
    attr(this.note, "data-open", !!said);
  }

  /** Has assistive technology say something when there is time, again if it is the same. */
  announce(text: string): void {
    this.speaker.textContent = this.speaker.textContent === text ? `${text}\u00a0` : text;
  }

  /** What was said last. */
  get said(): string {
    return this.announcer.textContent ?? "";
  }

  /** Keeps a rule for one element; "" takes it away. */
  rule(el: HTMLElement, css: string): void {
    if (this.ruleTexts.get(el) === css) return;
    if (css) this.ruleTexts.set(el, css);
    else this.ruleTexts.delete(el);
    this.rules.replaceSync([...this.ruleTexts.values()].join(""));
  }
}
