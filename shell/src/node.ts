import type { Part } from "./wire";
import type { View } from "./frame";
import type { Row } from "./rows";

/** The value of a property; undefined when it is left out. */
export type Value = string | number | boolean | Uint8Array | undefined;

/** A value in an event's payload. */
export type Field = string | number | boolean;

/** What a person edits. */
export type Control = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

/** What the server calls by its id, and what stands in the page for it. */
export class VNode {
  el!: Owned;
  /** The children while the node is read; it is empty once it stands in the page. */
  kids: (VNode | Row)[] = [];
  /** A bit for each event that the server wants to hear of. */
  bound = 0;
  /** The number of the last event that told what the person entered; Infinity while none has. */
  dirty = 0;
  /** What the server said the value is while the person was changing it. */
  held?: [Value] | undefined;
  /** Whether it was taken out of the page; what is in it is gone with it, and not told. */
  gone = false;
  /** The text that its element begins with, once it was shown: to ask an element for its child takes a sixth of the time that changing it does. */
  words?: Text;
  /** What a component keeps for itself. */
  own?: unknown;
  /** What it will say when the frame is applied, and in which frame that was read. */
  draft?: Value[];
  drafted = 0;

  constructor(public id: number, readonly kind: number, public up: VNode | undefined, readonly vals: Value[] = []) {}
}

/** What nodes hold beyond their elements, and how it is let go of: few, so that what is dropped need not be searched. */
let holding: (readonly [node: VNode, then: () => void])[] = [];

/** Has something done when a node is gone. */
export const onDrop = (node: VNode, then: () => void): void => void holding.push([node, then]);

/** Whether a node, or what it is in, was taken out of the page. */
export function isGone(node: VNode | undefined): boolean {
  while (node && !node.gone) node = node.up;
  return !!node;
}

/** Has what is gone let go of what it holds. */
export function letGo(): void {
  const held = holding;
  holding = held.filter(([node]) => !isGone(node));
  for (const [node, then] of held) if (isGone(node)) then();
}

/** An element that stands for a node, or for a row of which nobody has asked yet. */
export type Owned = HTMLElement & { owner?: VNode | Row };

/** What a component can do beyond what its line in the table says. */
export interface Behaviour {
  /** Completes a new element. Properties and children come afterwards. */
  make?(node: VNode, page: Page): void;
  /** Shows a property; true if that is all there is to do. */
  set?(node: VNode, number: number, value: Value, page: Page): boolean | void;
  /** Called once after a frame that changed its properties or children, and when it is new. */
  after?(node: VNode, page: Page): void;
  /** Shows which events are bound. */
  bind?(node: VNode, page: Page): void;
  /** The element that holds a child, where the table does not say. */
  into?(node: VNode, child: VNode): Element;
  /** Answers what a person does inside the element; true when it is dealt with. */
  on?(node: VNode, event: Event, page: Page): boolean | void;
}

/** What a component may ask of the mount that it stands in. */
export interface Page {
  /** The plugin's name, as the host says it. */
  title: string;
  /** What the host has registered. */
  readonly host: HTMLElement;
  /** What the host draws around the plugin. */
  readonly view: View;
  /** Sends an event, if the server wants to hear of it; returns its number, 0 if it waits or was not sent. */
  emit(node: VNode, event: number, ...fields: Field[]): number;
  /** Says that an event is nobody's doing: no effect follows from it. */
  unasked(ev: number): void;
  /** Whether an event of a node is on its way. */
  busy(node: VNode): boolean;
  /** The person has left a field: what no event told is not newer than the server's value any more. */
  release(node: VNode): void;
  /** The person has entered a value, and the events that tell of it. */
  enter(node: VNode, value: Field, event?: number): void;
  /** The number under which the server knows the mount, 0 before it is asked for. */
  number: number;
  /** Sends a frame about the mount if the connection is there. */
  say(type: number, ...rest: readonly Part[]): void;
  /** Has Behaviour.after called once before the current task ends. */
  later(node: VNode): void;
  /** The address of a file of the plugin's package. */
  asset(name: string): string;
  /** A rule for one element, made of constants and numbers alone; "" takes it away. */
  rule(node: VNode, css: string): void;
  /** Whether the person has just done something in it. */
  recent(): boolean;
  /** Ends what runs and asks for the plugin anew. */
  anew(): void;
}
