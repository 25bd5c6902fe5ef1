import { entryOf } from "./build";
import { maxPayload } from "./frames";
import { type Field, isGone, type VNode } from "./node";
import { floatBytes, write, zigzag } from "./wire";

/** An event: on its way with its number until a frame of the server answers it, or waiting for the one before it. */
interface Sent { node: VNode; event: number; fields: Field[]; ev: number; frame: readonly [id: number, event: number, seen: number, body: Uint8Array] }

/** The most events that may be unanswered; a server gives a page up that has more. */
const mostSent = 100;
/** The most steps of the wheel in one event. */
const mostSteps = 1000;

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
  private waiting: Sent[] = [];

  constructor(private readonly send: (ev: number, ...frame: Sent["frame"]) => void) {}

  /** Takes an event. Returns its number, 0 when it waits or cannot be sent. */
  push(node: VNode, event: number, fields: Field[]): number {
    const same = (s: Sent): boolean => s.node === node && s.event === event;
    // The third field of an event is steps of the wheel: they are summed, others are replaced.
    if ((entryOf(node).events[event]!.latest || fields.length === 3 && typeof fields[2] === "number" && event === 4) && this.sent.some(same)) {
      const before = this.waiting.find(same);
      if (before && event === 4) fields[2] = Math.max(-mostSteps, Math.min(mostSteps, Number(fields[2]) + Number(before.fields[2])));
      if (before) before.fields = fields;
      else this.waiting.push({ node, event, fields, ev: 0, frame: [0, 0, 0, new Uint8Array()] });
      return 0;
    }
    if (this.sent.length >= mostSent) return 0;
    // What came before must arrive before.
    this.flush(this.waiting);
    return this.number(node, event, fields);
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
    for (const s of this.sent) if (s.ev > ev) this.send(s.ev, ...s.frame);
  }

  /** Begins a new count, for a new mount. */
  reset(): void {
    this.last = this.seen = 0;
    this.sent = [];
    this.waiting = [];
  }

  private flush(waiting: readonly Sent[]): void {
    this.waiting = this.waiting.filter((w) => !waiting.includes(w));
    for (const { node, event, fields } of waiting) if (!isGone(node)) this.number(node, event, fields);
  }

  private number(node: VNode, event: number, fields: Field[]): number {
    const { events, edits } = entryOf(node);
    const body = payload(events[event]!.fields, fields);
    if (body.length > maxPayload) return 0;
    const s: Sent = { node, event, fields, ev: ++this.last, frame: [node.id, event, this.seen, body] };
    this.sent.push(s);
    if (edits) [node.dirty, node.held] = [s.ev, undefined];
    this.send(s.ev, ...s.frame);
    return s.ev;
  }
}

/** The payload of an event, its fields written as the catalog declares them. */
export const payload = (kinds: string, fields: readonly Field[]): Uint8Array =>
  write(...Array.from(kinds, (kind, n) => {
    const field = fields[n]!;
    return kind === "t" ? String(field) : kind === "n" ? floatBytes(Number(field)) : kind === "i" ? zigzag(Math.round(Number(field))) : +!!field;
  }));
