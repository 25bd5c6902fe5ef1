import { type ComponentType, createElement, type ReactNode, useEffect, useRef, useState } from "react";
import { createRoot } from "react-dom/client";
import { createEmbed, type EmbedState, type HostCall, type HostComponent, type HostProps } from "./embed";

export type { EmbedState, HostCall, HostComponent, HostKind, HostProps } from "./embed";

/** A React component that is shown where a plugin renders a host component, and what may pass between them. */
export interface PointComponent extends Pick<HostComponent, "props" | "calls"> {
  /** Gets the properties that are declared, and `call` to tell the plugin of something. */
  readonly component: ComponentType<HostProps & { call: HostCall }>;
}

export interface PluginPointProps {
  /** The place that the host has bound a plugin to. */
  place: string;
  /** Where the host serves its shell; /vitrine/ when left out. */
  base?: string;
  /** React components for host components, by the names that plugins call them by. They are read when the place is shown. */
  components?: Readonly<Record<string, PointComponent>>;
  /** Shown until the plugin is. */
  loading?: ReactNode;
  /** Shown when the plugin cannot be, in place of the plugin's own frame. */
  error?: (message: string, retry: () => void) => ReactNode;
  onState?(state: EmbedState, error?: string): void;
}

/** Shows a React component in an element of the plugin's tree, as a root of its own. */
function hosted({ component, ...declared }: PointComponent): HostComponent {
  return {
    ...declared,
    show(into, props, call) {
      const root = createRoot(into);
      const update = (next: HostProps): void => root.render(createElement(component, { ...next, call } as HostProps & { call: HostCall }));
      update(props);
      // React does not let a root go while it renders.
      return { update, remove: () => queueMicrotask(() => root.unmount()) };
    },
  };
}

/** A place of a React application where a plugin is shown. */
export function PluginPoint({ place, base, components, loading, error, onState }: PluginPointProps): ReactNode {
  const box = useRef<HTMLDivElement>(null);
  const newest = useRef({ components, onState });
  const [{ state, message }, show] = useState<{ state: EmbedState; message: string }>({ state: "loading", message: "" });
  const [attempt, tryAgain] = useState(0);
  useEffect(() => {
    newest.current = { components, onState };
  });
  useEffect(() => {
    show({ state: "loading", message: "" });
    const own = Object.fromEntries(Object.entries(newest.current.components ?? {}).map(([name, given]) => [name, hosted(given)]));
    const embed = createEmbed({
      into: box.current!, place, components: own, ...(base === undefined ? {} : { base }),
      onState(next, words = "") {
        show({ state: next, message: words });
        newest.current.onState?.(next, words);
      },
    });
    return () => embed.remove();
  }, [place, base, attempt]);
  const instead = state === "loading" ? loading : state === "fault" ? error?.(message, () => tryAgain((n) => n + 1)) : undefined;
  // What is not displayed is not in sight, and the server sends nothing to what is not: a plugin that loads keeps its room.
  const covered = instead === undefined || instead === null ? undefined : { visibility: "hidden", blockSize: 0, overflow: "hidden" } as const;
  return createElement("div", { "aria-busy": state === "loading" }, instead, createElement("div", { ref: box, style: covered }));
}
