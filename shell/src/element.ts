import { makeView, State } from "./frame";
import type { Mount } from "./mount";
import type { Connection } from "./socket";

const base = new URL(".", import.meta.url).href;
/** A plugin is shown a little before it is scrolled into sight. */
const rootMargin = "256px";

/** What all plugins of a page share, loaded when the first one is there. */
interface Shared { connection: Connection; css: string; sheet: CSSStyleSheet; mount: typeof import("./mount") }
let shared: Promise<Shared> | undefined;

const get = (name: string): Promise<string> => fetch(base + name).then((answer) => (answer.ok ? answer.text() : Promise.reject(answer)));

async function load(): Promise<Shared> {
  const [mount, styles, catalog] = await Promise.all([import("./mount.js"), get("vitrine.css"), get("catalog.txt")]);
  const css = styles.replaceAll("url(", `url(${base}`);
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  const connection = mount.open(base, catalog);
  // A host that does not serve the tools has none.
  if (/[?&]vitrine-devtools/.test(location.search)) (await import("./devtools.js").catch(() => undefined))?.devtools({ connection, sheet, base, mount });
  return { connection, css, sheet, mount };
}

/**
 * `<vitrine-plugin place="orders"></vitrine-plugin>` shows the plugin that the host has bound to the
 * place. Its content lies in a closed shadow root. It tells of its state by the event `vitrine`.
 */
export class VitrinePlugin extends HTMLElement {
  static readonly observedAttributes = ["place"];
  private root: ShadowRoot | undefined;
  private mount: Mount | undefined;
  private run = 0;
  private inSight = true;
  private readonly sight = new IntersectionObserver((entries) => {
    this.inSight = entries.at(-1)!.isIntersecting;
    this.see();
  }, { rootMargin });
  /** What the page sets of the plugin's props may change at any time, and may have been set before this was an element of ours. */
  constructor() {
    super();
    let { props: given } = this as { props?: unknown };
    Object.defineProperty(this, "props", {
      get: () => given,
      set: (next) => {
        given = next;
        this.mount?.tell();
      },
    });
  }

  private readonly see = (): void => this.mount?.see(this.inSight && !document.hidden);

  connectedCallback(): void {
    this.sight.observe(this);
    document.addEventListener("visibilitychange", this.see);
    if (!this.mount) void this.begin();
  }

  /** An element that only moves keeps its plugin. */
  connectedMoveCallback(): void {}

  /** Another document has its own sheets: there the plugin begins anew. */
  adoptedCallback(): void {
    this.end();
  }

  disconnectedCallback(): void {
    this.sight.disconnect();
    document.removeEventListener("visibilitychange", this.see);
    // Who sorts a list, or moves a part of the page, takes the element out and puts it in again.
    queueMicrotask(() => this.isConnected || this.end());
  }

  attributeChangedCallback(_name: string, before: string | null, after: string | null): void {
    if (before === after) return;
    this.end();
    if (this.isConnected) void this.begin();
  }

  private async begin(): Promise<void> {
    const place = this.getAttribute("place");
    const run = ++this.run;
    if (!place || !this.ownerDocument.defaultView) return this.root?.replaceChildren();
    const all = await (shared ??= load()).catch(() => (shared = undefined));
    if (run !== this.run) return;
    this.root ??= this.attachInternals().shadowRoot ?? this.attachShadow({ mode: "closed" });
    const view = makeView(this.root, all?.sheet, () => (this.mount ? this.mount.anew() : void this.begin()), all?.css);
    if (all) this.mount = all.mount.makeMount(this, base, place, all.connection, view);
    else view.show(this, State.Fault, "The server cannot be reached.");
    this.see();
  }

  private end(): void {
    this.run++;
    this.mount?.stop();
    this.mount = undefined;
  }
}
