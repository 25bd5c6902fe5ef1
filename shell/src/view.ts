import { attr, h, listen } from "./dom";
import { sheet } from "./styles";

/** What a person can see of a mount's state. */
export const enum State { Loading = "loading", Ready = "ready", Lost = "lost", Fault = "fault" }

const words: Readonly<Record<State, string>> = {
  [State.Loading]: "",
  [State.Ready]: "",
  [State.Lost]: "Reconnecting…",
  [State.Fault]: "Stopped",
};

/** The most characters of a notice. */
const maxNotice = 300;

/**
 * What the host draws around a plugin: its name, the state of the connection, an error with a way
 * out, a notice of what a plugin that goes on could not do. The plugin cannot draw over it.
 */
export class View {
  /** Holds the plugin's tree and nothing else. */
  readonly body = h("div", "body");
  private readonly name = h("span", "name");
  private readonly status = h("span", "status");
  private readonly error = h("p");
  private readonly retry = h("button", "button", "Try again");
  private readonly alert = h("div", "alert", this.error, this.retry);
  /** Always there and never hidden, so that what it says is announced, when there is time. */
  private readonly announcer = h("p", "unseen");
  private readonly notice = h("p", "words");
  private readonly anew = h("button", "button", "Start anew");
  private readonly dismiss = h("button", "button", "Dismiss");
  private readonly note = h("div", "note", h("div", "", this.notice, this.anew, this.dismiss));
  private readonly frame = h("section", "frame", h("header", "", this.name, this.status), this.alert, this.body, this.announcer, this.note);
  private readonly rules = new CSSStyleSheet();
  private readonly ruleTexts = new Map<HTMLElement, string>();

  constructor(root: ShadowRoot, retry: () => void) {
    root.adoptedStyleSheets = [sheet(), this.rules];
    root.append(this.frame);
    attr(this.status, "role", "status");
    attr(this.alert, "role", "alert");
    this.alert.hidden = true;
    attr(this.announcer, "role", "status");
    attr(this.note, "role", "group");
    attr(this.note, "aria-label", "Notice");
    attr(this.notice, "aria-hidden", "true"); // the announcer says it
    attr(this.notice, "dir", "auto");
    attr(this.dismiss, "data-variant", "plain");
    for (const button of [this.retry, this.anew, this.dismiss]) button.type = "button";
    this.frame.tabIndex = -1;
    attr(this.frame, "aria-label", "Plugin");
    listen(this.retry, "click", retry);
    listen(this.anew, "click", retry);
    listen(this.dismiss, "click", () => this.notify(""));
  }

  title(name: string): void {
    this.name.textContent = name;
    attr(this.frame, "aria-label", name);
  }

  show(state: State, error = ""): void {
    const fault = state === State.Fault;
    attr(this.frame, "data-state", state);
    attr(this.frame, "aria-busy", state === State.Loading ? "true" : undefined);
    this.status.textContent = words[state];
    this.body.inert = fault || state === State.Loading;
    if (this.error.textContent !== error) this.error.textContent = error;
    this.alert.hidden = !fault;
    if (this.body.inert) this.notify("");
  }

  /**
   * Says what the plugin could not do, which lives on; "" puts that away. It opens below the plugin,
   * so that nothing moves that the person is about to press.
   */
  notify(text: string): void {
    const said = Array.from(text).slice(0, maxNotice).join("");
    if (this.announcer.textContent !== said) this.announcer.textContent = said;
    // What closes keeps its words until it is closed.
    if (said) this.notice.textContent = said;
    else if (this.note.matches(":focus-within")) this.frame.focus({ preventScroll: true });
    attr(this.note, "data-open", !!said);
  }

  /** The notice that is shown, "" if there is none. */
  get said(): string {
    return this.announcer.textContent ?? "";
  }

  /** Keeps rules for one element, which must have a class for them. */
  rule(el: HTMLElement, css: string): void {
    if (this.ruleTexts.get(el) === css) return;
    if (css) this.ruleTexts.set(el, css);
    else this.ruleTexts.delete(el);
    this.rules.replaceSync([...this.ruleTexts.values()].join(""));
  }
}
