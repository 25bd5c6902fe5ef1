import type { Field } from "./frames";

/** The value of a property; undefined when it is left out. */
export type Value = string | number | boolean | Uint8Array | undefined;

/** What a person edits. */
export type Control = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

/**
 * A node of a plugin's tree: what the server calls by its id, and what stands in the page for it.
 * The parts are filled in by the component that makes the element.
 */
export class VNode {
  readonly values: Value[] = [];
  /** The children while the node is read; it is empty once it stands in the page. */
  children: VNode[] = [];
  /** A bit for each event that the server wants to hear of. */
  bound = 0;
  /** The number of the last event that told what the person entered; Infinity while none has. */
  dirty = 0;
  /** What the server said the value is while the person was changing it. */
  held?: { value: Value } | undefined;
  /** The size last told to the plugin. */
  told?: string;
  /** Whether the element is gone from the page. */
  gone = false;

  el!: HTMLElement;
  control?: Control;
  /** What shows the property text, label, hint, error and unit. */
  parts: Record<string, HTMLElement> = {};
  /** Called with what changed elsewhere: the theme for canvases, children for tables and selects. */
  refresh?: () => void;
  /** Lets go of observers. */
  drop?: () => void;

  constructor(public id: number, readonly component: number, public parent?: VNode) {}
}

/** What a component may ask of the page it stands in. */
export interface Page {
  /** Sends an event, if the server wants to hear of it. */
  emit(node: VNode, event: number, ...fields: Field[]): void;
  /** The person has left a field: what no event told is not newer than the server's value any more. */
  release(node: VNode): void;
  /** Whether an event of a node is on its way. */
  busy(node: VNode): boolean;
  /** Sends an event that announces a file, and the file when the server asks for it. */
  upload(node: VNode, event: number, file: File, fields: readonly Field[]): void;
  /** Has node.refresh called once before the current task ends. */
  later(node: VNode): void;
  /** The address of a file of the plugin's package. */
  asset(name: string): string;
  /** Rules that depend on the tree, such as the alignment of a column, by the node they are for. */
  rules(node: VNode, css: string): void;
}
