import { Component, type ComponentType, createElement, type ReactNode, useEffect, useLayoutEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";
import { createEmbed, type Embed, type EmbedState, type HostCall, type HostComponent, type HostProps, type PageCallbacks, type PageProps, type PropsError } from "./embed";

export { type EmbedState, type HostCall, type HostComponent, type HostKind, type HostProps, type PageCallbacks, type PageProps, PropsError, type RefusalCode } from "./embed";

/** A React component that is shown where a plugin renders a host component, and what may pass between them. */
export interface PointComponent extends Pick<HostComponent, "props" | "calls"> {
  /** The slots that are properties of their own, by their names: none of them is the name of another property, `call` or `children`. */
  readonly slots?: readonly string[];
  /**
   * Gets the properties that are declared, `call` to tell the plugin of something, and what the plugin puts into the component: by the name of its slot
   * where that is declared, the rest as `children`, undefined where there is nothing. Parts that it does not show are hidden.
   */
  readonly component: ComponentType<HostProps & { call: HostCall; children: ReactNode }>;
}

export interface PluginPointProps {
  /** The place that the host has bound a plugin to. */
  place: string;
  /** Where the host serves its shell; /vitrine/ when left out. */
  base?: string;
  /**
   * React components for host components, by the names that plugins call them by. They are part of the tree that this stands in, with its contexts. What they
   * declare is read when the place is shown.
   */
  components?: Readonly<Record<string, PointComponent>>;
  /** What the page sets of the plugin's props, where its host lets it. A change reaches the plugin as it is shown. */
  props?: PageProps;
  /** Functions of the page that the plugin may call, where its host lets it: those of the newest render are called. */
  callbacks?: PageCallbacks;
  /** Called when props were not taken; the plugin sees those of before. */
  onError?(error: PropsError): void;
  /** Called when the props that were set last were taken: the plugin has them. */
  onPropsTaken?(props: PageProps): void;
  /** Shown until the plugin is. */
  loading?: ReactNode;
  /** Shown when the plugin cannot be, in place of the plugin's own frame. */
  error?: (message: string, retry: () => void) => ReactNode;
  onState?(state: EmbedState, error?: string): void;
}

/** A host component that is shown: which one, where, with what, and where the parts stand that the plugin puts into it. */
interface Shown { name: string; key: number; props: HostProps; call: HostCall; failed(): void; boxes: ReadonlyMap<string, HTMLElement> }

/** An element for the parts of each slot; "children" are those that stand in no other. */
function boxesFor({ props, slots = [] }: PointComponent): ReadonlyMap<string, HTMLElement> {
  const names = [...Object.keys(props ?? {}), "call", "children", ...slots];
  const twice = slots.find((name, n) => names.indexOf(name) < names.length - slots.length + n);
  if (twice !== undefined) throw new Error(`vitrine: the slot "${twice}" has the name of another property`);
  return new Map(["children", ...slots].map((name) => {
    const box = document.createElement("div");
    box.style.display = "contents";
    return [name, box];
  }));
}

/** Keeps what a component throws from the application: React reports it, and the shell shows what stands for it until the plugin changes its properties. */
class Guard extends Component<{ children: ReactNode; failed(): void }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }

  override componentDidCatch(): void {
    this.props.failed();
  }

  override render(): ReactNode {
    return this.state.failed ? null : this.props.children;
  }
}

/** Where the parts of a slot stand. The shell has them in an element of its own, which outlives what React does around it. */
function Parts({ box }: { box: HTMLElement }): ReactNode {
  const around = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    around.current!.append(box);
    return () => box.remove();
  }, [box]);
  return createElement("div", { ref: around, style: { display: "contents" } });
}

/** A place of a React application where a plugin is shown. */
export function PluginPoint({ place, base, components, props, callbacks, loading, error, onState, onError, onPropsTaken }: PluginPointProps): ReactNode {
  const box = useRef<HTMLDivElement>(null);
  const newest = useRef({ components, props, callbacks, onState, onError, onPropsTaken });
  const embedded = useRef<Embed>(null);
  const [{ state, message }, show] = useState<{ state: EmbedState; message: string }>({ state: "loading", message: "" });
  const [attempt, tryAgain] = useState(0);
  const [hosted, host] = useState<ReadonlyMap<HTMLElement, Shown>>(new Map());
  useEffect(() => {
    newest.current = { components, props, callbacks, onState, onError, onPropsTaken };
  });
  useEffect(() => {
    show({ state: "loading", message: "" });
    let keys = 0;
    const without = (all: ReadonlyMap<HTMLElement, Shown>, into: HTMLElement) => new Map([...all].filter(([el]) => el !== into));
    // What is declared holds while the place is shown; what is shown belongs to this tree, with its contexts.
    const own = Object.fromEntries(Object.entries(newest.current.components ?? {}).map(([name, component]): [string, HostComponent] => [name, {
      ...(component.props && { props: component.props }), ...(component.calls && { calls: component.calls }),
      show(into, first, call, failed) {
        const key = ++keys;
        const boxes = boxesFor(component);
        const update = (props: HostProps): void => host((all) => new Map(all).set(into, { name, key, props, call, failed, boxes }));
        update(first);
        return { update, slots: (slot) => boxes.get(slot) ?? boxes.get("children"), remove: () => host((all) => without(all, into)) };
      },
    }]));
    const embed = createEmbed({
      into: box.current!, place, components: own, ...(base === undefined ? {} : { base }),
      ...(newest.current.props && { props: newest.current.props }), ...(newest.current.callbacks && { callbacks: newest.current.callbacks }),
      onError: (refused) => newest.current.onError?.(refused),
      onPropsTaken: (taken) => newest.current.onPropsTaken?.(taken),
      onState(next, words = "") {
        show({ state: next, message: words });
        newest.current.onState?.(next, words);
      },
    });
    embedded.current = embed;
    return () => embed.remove();
  }, [place, base, attempt]);
  useEffect(() => {
    const { element } = embedded.current!;
    if (element.props !== props) element.props = props;
  }, [props]);
  useEffect(() => {
    embedded.current!.element.callbacks = callbacks;
  }, [callbacks]);
  const instead = state === "loading" ? loading : state === "fault" ? error?.(message, () => tryAgain((n) => n + 1)) : undefined;
  // The server sends nothing to what is not in sight: a plugin that loads is displayed, and keeps as much room as a browser does not round
  // to none, at a quarter of the size either.
  const covered = instead === undefined || instead === null ? undefined : { visibility: "hidden", blockSize: 4, overflow: "hidden" } as const;
  const portals = Array.from(hosted, ([into, { name, key, props, call, failed, boxes }]) => {
    const component = components?.[name]?.component;
    if (!component) return undefined;
    const parts = Array.from(boxes, ([slot, box]) => [slot, box.firstChild ? createElement(Parts, { box }) : undefined]);
    const given = { ...props, call, ...Object.fromEntries(parts) } as HostProps & { call: HostCall; children: ReactNode };
    const guarded = createElement(Guard, { failed, children: createElement(component, given) });
    return createPortal(guarded, into, `${attempt} ${place} ${key}`);
  });
  return createElement("div", { "aria-busy": state === "loading" }, instead, createElement("div", { ref: box, style: covered }), portals);
}
