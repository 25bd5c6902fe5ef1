import { type ComponentType, type ReactNode } from "react";
import { type EmbedState, type HostCall, type HostComponent, type HostProps, type PageCallbacks, type PageProps, type PropsError } from "@vitrine/embed";
export { type EmbedState, type HostCall, type HostComponent, type HostKind, type HostProps, type PageCallbacks, type PageProps, PropsError, type RefusalCode } from "@vitrine/embed";
/** A React component that is shown where a plugin renders a host component, and what may pass between them. */
export interface PointComponent extends Pick<HostComponent, "props" | "calls"> {
    /** The slots that are properties of their own, by their names: none of them is the name of another property, `call` or `children`. */
    readonly slots?: readonly string[];
    /**
     * Gets the properties that are declared, `call` to tell the plugin of something, and what the plugin puts into the component: by the name of its slot
     * where that is declared, the rest as `children`, undefined where there is nothing. Parts that it does not show are hidden.
     */
    readonly component: ComponentType<HostProps & {
        call: HostCall;
        children: ReactNode;
    }>;
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
/** A place of a React application where a plugin is shown. */
export declare function PluginPoint({ place, base, components, props, callbacks, loading, error, onState, onError, onPropsTaken }: PluginPointProps): ReactNode;
