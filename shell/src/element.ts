import { View } from "./frame";
import { type Extras, Mount } from "./mount";
import { tools } from "./core";
import { Connection } from "./socket";
import { fill } from "./table";

const base = new URL(".", import.meta.url).href;
/** A plugin is shown a little before it is scrolled into sight. */
const rootMargin = "256px";

/** What all plugins of a page share, loaded when the first one is there. */
interface Shared { connection: Connection; sheet: CSSStyleSheet; extras: Extras }
let shared: Promise<Shared> | undefined;

async function load(): Promise<Shared> {
  const [{ parts }, css] = await Promise.all([import("./parts.js"), fetch(`${base}vitrine.css`).then((answer) => answer.text())]);
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css.replaceAll("url(", `url(${base}`));
  const { kit, extras } = parts(tools);
  fill(kit);
  const connection = new Connection(`${base.replace(/^http/, "ws")}socket`, kit.hash);
  if (new URLSearchParams(location.search).has("vitrine-devtools")) void import("./devtools.js").then(({ devtools }) => devtools(connection));
  return { connection, sheet, extras };
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
  private readonly see = (): void => this.mount?.see(this.inSight && !document.hidden);

  connectedCallback(): void {
    this.sight.observe(this);
    document.addEventListener("visibilitychange", this.see);
    void this.begin();
  }

  /** An element that only moves keeps its plugin. */
  connectedMoveCallback(): void {}

  disconnectedCallback(): void {
    this.sight.disconnect();
    document.removeEventListener("visibilitychange", this.see);
    this.end();
  }

  attributeChangedCallback(_name: string, before: string | null, after: string | null): void {
    if (before === after || !this.isConnected) return;
    this.end();
    void this.begin();
  }

  private async begin(): Promise<void> {
    const place = this.getAttribute("place");
    const run = ++this.run;
    if (!place) return;
    const { connection, sheet, extras } = await (shared ??= load());
    if (run !== this.run) return;
    this.root ??= this.attachInternals().shadowRoot ?? this.attachShadow({ mode: "closed" });
    const view = new View(this.root, sheet, () => this.mount?.anew());
    this.mount = new Mount(this, base, place, connection, view, extras);
    this.see();
  }

  private end(): void {
    this.run++;
    this.mount?.stop();
    this.mount = undefined;
  }
}
