import { type ComponentType, type ReactNode } from "react";
import { type EmbedState, type HostCall, type HostComponent, type HostProps } from "@vitrine/embed";
export type { EmbedState, HostCall, HostComponent, HostKind, HostProps } from "@vitrine/embed";
/** A React component that is shown where a plugin renders a host component, and what may pass between them. */
export interface PointComponent extends Pick<HostComponent, "props" | "calls"> {
    /** Gets the properties that are declared, and `call` to tell the plugin of something. */
    readonly component: ComponentType<HostProps & {
        call: HostCall;
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
    /** Shown until the plugin is. */
    loading?: ReactNode;
    /** Shown when the plugin cannot be, in place of the plugin's own frame. */
    error?: (message: string, retry: () => void) => ReactNode;
    onState?(state: EmbedState, error?: string): void;
}
/** A place of a React application where a plugin is shown. */
export declare function PluginPoint({ place, base, components, loading, error, onState }: PluginPointProps): ReactNode;
