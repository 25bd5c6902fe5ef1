import { attr } from "./dom";
import { button, h, type View } from "./frame";

const maxNotice = 300;

/** What is said beside a plugin: notices, toasts, what assistive technology says by itself; and the rules of its own sheet. */
export class Notes {
  /** Always there and never hidden, so that what it says is announced, when there is time. */
  private readonly announcer = h("p", "unseen");
  private readonly speaker = h("p", "unseen");
  /** What is said for a while. */
  readonly toasts = h("div", "toasts");
  private readonly notice = h("p", "words");
  private readonly note: HTMLElement;
  private readonly ruleTexts = new Map<HTMLElement, string>();

  constructor(private readonly view: View, retry: () => void) {
    this.note = h("div", "note", h("div", "", this.notice, button("Start anew", retry), button("Dismiss", () => this.notify(""))));
    view.frame.append(this.announcer, this.speaker, this.toasts, this.note);
    for (const el of [this.announcer, this.speaker, this.toasts]) attr(el, "role", "status");
    attr(this.note, "role", "group");
    attr(this.note, "aria-label", "Notice");
    attr(this.notice, "aria-hidden", "true"); // the announcer says it
    attr(this.notice, "dir", "auto");
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
    else if (this.note.matches(":focus-within")) this.view.frame.focus({ preventScroll: true });
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
    if ((this.ruleTexts.get(el) ?? "") === css) return; // a new sheet has every style computed anew
    if (css) this.ruleTexts.set(el, css);
    else this.ruleTexts.delete(el);
    this.view.rules.replaceSync([...this.ruleTexts.values()].join(""));
  }
}
