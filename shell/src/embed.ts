/** What a plugin's place can be in. */
export type EmbedState = "loading" | "ready" | "lost" | "fault";

/** What a property of a host component may be: a kind, or the texts it may be. A link is an address that a person may be led to. */
export type HostKind = "text" | "number" | "bool" | "link" | readonly string[];

/** The values of a host component's properties: those that are declared, each of its kind. */
export type HostProps = Readonly<Record<string, string | number | boolean | undefined>>;

/** Tells the plugin of something; a name that is not declared is not sent. */
export type HostCall = (name: string, detail?: unknown) => void;

/** A host component that is shown. */
export interface HostView {
  /** Shows other values of the properties. */
  update(props: HostProps): void;
  /** Lets go of everything. */
  remove(): void;
}

/** What the page supplies for a host component. Nothing that is not declared here passes between it and a plugin. */
export interface HostComponent {
  /** What a plugin may set. A custom element gets undefined for what it leaves out. */
  readonly props?: Readonly<Record<string, HostKind>>;
  /** What the plugin may be told: the types of events that a custom element dispatches, with what they tell in `detail`. */
  readonly calls?: readonly string[];
  /** The name of a custom element, or a function that shows it in an element. */
  readonly show: string | ((into: HTMLElement, props: HostProps, call: HostCall) => HostView);
}

/** Host components by the names that plugins call them by. */
export type HostComponents = Readonly<Record<string, HostComponent>>;

/** How a plugin is embedded. */
export interface EmbedOptions {
  /** The element that the plugin is shown in. */
  into: Element;
  /** The place that the host has bound a plugin to. */
  place: string;
  /** Where the host serves its shell, with a slash at the end; /vitrine/ when left out. */
  base?: string;
  /** What this page supplies for host components. A plugin shows its fallback for the others. */
  components?: HostComponents;
  /** Called whenever the state changes; error is for people, in the state fault. */
  onState?(state: EmbedState, error?: string): void;
}

/** A plugin that is embedded. */
export interface Embed {
  readonly element: HTMLElement;
  /** Shows what is bound to another place. */
  move(place: string): void;
  /** Takes it away; the host is told. */
  remove(): void;
}

/** Shows a plugin in an element of any page. The shell is loaded from the host, once for a page. */
export function createEmbed({ into, place, base = "/vitrine/", components, onState }: EmbedOptions): Embed {
  const element = document.createElement("vitrine-plugin");
  Object.assign(element, { components });
  element.setAttribute("place", place);
  element.addEventListener("vitrine", (event) => {
    const { state, error } = (event as CustomEvent<{ state: EmbedState; error?: string }>).detail;
    onState?.(state, error);
  });
  into.append(element);
  const shell = new URL("vitrine.js", new URL(base, location.href)).href;
  import(/* @vite-ignore */ /* webpackIgnore: true */ shell).catch(() => onState?.("fault", "The server cannot be reached."));
  return { element, move: (next) => element.setAttribute("place", next), remove: () => element.remove() };
}
