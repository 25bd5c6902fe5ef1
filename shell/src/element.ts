import { Mount } from "./mount";
import { Connection } from "./socket";
import { View } from "./view";

const base = new URL(".", import.meta.url).href;
/** A plugin is shown a little before it is scrolled into sight. */
const ahead = "256px";
let connection: Connection | undefined;

/**
 * `<vitrine-plugin place="orders"></vitrine-plugin>` shows the plugin that the host has bound to the
 * place. Its content lies in a closed shadow root.
 */
export class VitrinePlugin extends HTMLElement {
  static readonly observedAttributes = ["place"];
  private view: View | undefined;
  private mount: Mount | undefined;
  private inSight = true;
  private readonly sight = new IntersectionObserver((entries) => {
    this.inSight = entries.at(-1)!.isIntersecting;
    this.see();
  }, { rootMargin: ahead });
  private readonly see = (): void => this.mount?.see(this.inSight && !document.hidden);

  connectedCallback(): void {
    this.sight.observe(this);
    document.addEventListener("visibilitychange", this.see);
    this.begin();
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
    this.begin();
  }

  private begin(): void {
    const place = this.getAttribute("place");
    if (!place || this.mount) return;
    connection ??= new Connection(`${base.replace(/^http/, "ws")}socket`);
    this.view ??= new View(this.attachShadow({ mode: "closed" }), () => this.mount?.anew());
    this.mount = new Mount(base, place, connection, this.view);
    this.see();
  }

  private end(): void {
    this.mount?.stop();
    this.mount = undefined;
  }
}
