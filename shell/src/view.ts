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

/**
 * What the host draws around a plugin: its name, the state of the connection, an error with a way
 * out. The plugin cannot draw over it.
 */
export class View {
  /** Holds the plugin's tree and nothing else. */
  readonly body = h("div", "body");
  private readonly name = h("span", "name");
  private readonly status = h("span", "status");
  private readonly error = h("p");
  private readonly retry = h("button", "button", "Try again");
  private readonly alert = h("div", "alert", this.error, this.retry);
  private readonly frame = h("section", "frame", h("header", "", this.name, this.status), this.alert, this.body);
  private readonly rules = new CSSStyleSheet();
  private readonly ruleTexts = new Map<HTMLElement, string>();

  constructor(root: ShadowRoot, retry: () => void) {
    root.adoptedStyleSheets = [sheet(), this.rules];
    root.append(this.frame);
    attr(this.status, "role", "status");
    attr(this.alert, "role", "alert");
    this.alert.hidden = true;
    this.retry.type = "button";
    attr(this.frame, "aria-label", "Plugin");
    listen(this.retry, "click", retry);
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
  }

  /** Keeps rules for one element, which must have a class for them. */
  rule(el: HTMLElement, css: string): void {
    if (this.ruleTexts.get(el) === css) return;
    if (css) this.ruleTexts.set(el, css);
    else this.ruleTexts.delete(el);
    this.rules.replaceSync([...this.ruleTexts.values()].join(""));
  }
}
