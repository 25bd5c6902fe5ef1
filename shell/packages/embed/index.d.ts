/** What a plugin's place can be in. */
export type EmbedState = "loading" | "ready" | "lost" | "fault";
/** What a property of a host component may be: a kind, or the texts it may be. A link is an address that a person may be led to. */
export type HostKind = "text" | "number" | "bool" | "link" | readonly string[];
/** The values of a host component's properties: those that are declared, each of its kind. */
export type HostProps = Readonly<Record<string, string | number | boolean | undefined>>;
/** Tells the plugin of something; a name that is not declared is not sent. */
export type HostCall = (name: string, detail?: unknown) => void;
/** What a page sets of a plugin's props: values that have a JSON. The plugin's host lists by name which it may. */
export type PageProps = Readonly<Record<string, unknown>>;
/**
 * Functions of a page that a plugin may call, by the names of its manifest's callbacks; the plugin's host lists which. Input and answer are what the
 * manifest says, as JSON. One that throws is a failure to the plugin, which does not learn why.
 */
export type PageCallbacks = Readonly<Record<string, (input: never) => unknown>>;
/** Why props of a page were not taken: the host does not let the page set one, they are not what the manifest says, or there is too much of them. */
export type RefusalCode = "denied" | "invalid" | "limit";
/** Props of a page that were not taken. What the plugin sees is what it saw before. */
export declare class PropsError extends Error {
    readonly code: RefusalCode;
    readonly name = "PropsError";
    constructor(code: RefusalCode, message: string);
}
/** `<vitrine-plugin>`. Its properties may be set before the shell is loaded, and at any time. */
export interface PluginElement extends HTMLElement {
    /**
     * What the page sets of the plugin's props. Another value takes its place. The event `vitrine-taken` says, with the value as `props` of its detail, that the
     * one that was set last was taken, `vitrine-refused` that one was not.
     */
    props?: PageProps | undefined;
    callbacks?: PageCallbacks | undefined;
    components?: HostComponents | undefined;
}
/** A host component that is shown. */
export interface HostView {
    /** Shows other values of the properties. */
    update(props: HostProps): void;
    /** Lets go of everything. */
    remove(): void;
    /**
     * Where the plugin's parts stand in it: an element of its own for all of them, or a function that says for each slot which ("" is the unnamed one).
     * What has none stands beside it.
     */
    readonly slots?: Element | ((slot: string) => Element | undefined);
}
/** What the page supplies for a host component. Nothing that is not declared here passes between it and a plugin. */
export interface HostComponent {
    /** What a plugin may set. A custom element gets undefined for what it leaves out. */
    readonly props?: Readonly<Record<string, HostKind>>;
    /** What the plugin may be told: the types of events that a custom element dispatches, with what they tell in `detail`. */
    readonly calls?: readonly string[];
    /**
     * The name of a custom element, or a function that shows it in an element. Where that throws, or says by failed that it cannot go on, the node's
     * fallback is shown, until the plugin changes its properties.
     */
    readonly show: string | ((into: HTMLElement, props: HostProps, call: HostCall, failed: () => void) => HostView);
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
    /** What the page sets of the plugin's props, where its host lets it. They are there when the plugin is rendered for the first time. */
    props?: PageProps;
    /** Functions of the page that the plugin may call, where its host lets it. */
    callbacks?: PageCallbacks;
    /** Called when props were not taken, now or later. */
    onError?(error: PropsError): void;
    /** Called when the props that were set last were taken: the plugin has them. Those that say what is taken already are not told of. */
    onPropsTaken?(props: PageProps): void;
    /** Called whenever the state changes; error is for people, in the state fault. */
    onState?(state: EmbedState, error?: string): void;
}
/** A plugin that is embedded. */
export interface Embed {
    readonly element: PluginElement;
    /** Sets other props and callbacks; what is left out stays. The plugin goes on and is told. */
    update(next: Pick<EmbedOptions, "props" | "callbacks">): void;
    /** Shows what is bound to another place. */
    move(place: string): void;
    /** Takes it away; the host is told. */
    remove(): void;
}
/** Shows a plugin in an element of any page. The shell is loaded from the host, once for a page. */
export declare function createEmbed({ into, place, base, components, props, callbacks, onState, onError, onPropsTaken }: EmbedOptions): Embed;
