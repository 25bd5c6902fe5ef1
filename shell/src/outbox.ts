import { catalog, CanvasEvent, Component, Flow } from "./catalog.gen";
import { type Field, maxPayload, payload } from "./frames";
import type { VNode } from "./node";

/** An event on its way, kept until a frame of the server answers it. */
interface Sent { ev: number; node: VNode; id: number; event: number; seen: number; body: Uint8Array }

/** An event that waits until the one before it is answered; only its newest fields matter. */
interface Waiting { node: VNode; event: number; fields: Field[] }

/** The most events that may be unanswered; a server gives a page up that has more. */
const mostSent = 100;
/** The most steps of the wheel in one event. */
const mostSteps = 1000;

const isWheel = (node: VNode, event: number): boolean => node.component === Component.Canvas && event === CanvasEvent.Wheel;

/**
 * The events of one mount, each numbered and kept until it is answered, so that none is lost or
 * doubled when the connection is. Of events such as the input of a field at most one is on its way
 * and one, the newest, waits.
 */
export class Outbox {
  /** The last sequence number that the page has applied. */
  seen = 0;
  /** The number of the newest event. */
  last = 0;
  private sent: Sent[] = [];
  private waiting: Waiting[] = [];

  constructor(private readonly send: (ev: number, node: number, event: number, seen: number, body: Uint8Array) => void) {}

  /** Takes an event. Returns its number, 0 when it waits or cannot be sent. */
  push(node: VNode, event: number, fields: Field[]): number {
    const wheel = isWheel(node, event);
    if ((wheel || catalog[node.component]?.[2][event]?.[2] === Flow.Latest) && this.sent.some((s) => s.node === node && s.event === event)) {
      const before = this.waiting.find((w) => w.node === node && w.event === event);
      if (before && wheel) fields[2] = Math.max(-mostSteps, Math.min(mostSteps, Number(fields[2]) + Number(before.fields[2])));
      if (before) before.fields = fields;
      else this.waiting.push({ node, event, fields });
      return 0;
    }
    if (this.sent.length >= mostSent) return 0;
    // What came before must arrive before.
    this.flush(this.waiting);
    return this.number({ node, event, fields });
  }

  /** Whether an event of a node waits. */
  waits(node: VNode): boolean {
    return this.waiting.some((w) => w.node === node);
  }

  /** Whether an event of a node is not answered. */
  busy(node: VNode): boolean {
    return this.sent.some((s) => s.node === node);
  }

  /** Forgets the events that the server has answered. */
  answered(ev: number): void {
    this.sent = this.sent.filter((s) => s.ev > ev);
    this.flush(this.waiting.filter((w) => !this.sent.some((s) => s.node === w.node && s.event === w.event)));
  }

  /** Sends the events behind ev again, after the connection was lost. */
  resend(ev: number): void {
    for (const s of this.sent) if (s.ev > ev) this.write(s);
  }

  /** Begins a new count, for a new mount. */
  reset(): void {
    this.last = this.seen = 0;
    this.sent = [];
    this.waiting = [];
  }

  private flush(waiting: readonly Waiting[]): void {
    this.waiting = this.waiting.filter((w) => !waiting.includes(w));
    for (const w of waiting) if (!w.node.gone) this.number(w);
  }

  private number({ node, event, fields }: Waiting): number {
    const body = payload(node.component, event, fields);
    if (body.length > maxPayload) return 0;
    const s = { ev: ++this.last, node, id: node.id, event, seen: this.seen, body };
    this.sent.push(s);
    if (node.control) [node.dirty, node.held] = [s.ev, undefined];
    this.write(s);
    return s.ev;
  }

  private write({ ev, id, event, seen, body }: Sent): void {
    this.send(ev, id, event, seen, body);
  }
}
