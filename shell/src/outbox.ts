import { entryOf } from "./build";
import { maxPayload } from "./frames";
import { type Field, isGone, type VNode } from "./node";
import { floatBytes, write, zigzag } from "./wire";

/** An event: on its way with its number until a frame of the server answers it, or waiting for the one before it. */
interface Sent { node: VNode; event: number; fields: Field[]; ev: number; frame: Frame }
type Frame = readonly [ev: number, id: number, event: number, seen: number, body: Uint8Array];

/** The most events that may be unanswered; a server gives a page up that has more. */
const mostSent = 100;
/** The most steps of the wheel in one event. */
const mostSteps = 1000;

/**
 * The events of one mount, each numbered and kept until it is answered, so that none is lost or
 * doubled when the connection is. Of events such as the input of a field at most one is on its way
 * and one, the newest, waits.
 */
export interface Outbox {
  /** The last sequence number that the page has applied. */
  seen: number;
  /** The number of the newest event. */
  last: number;
  /** Takes an event. Returns its number, 0 when it waits or cannot be sent. */
  push(node: VNode, event: number, fields: Field[]): number;
  /** Sends all that waits. */
  flush(): void;
  /** Whether an event of a node waits. */
  waits(node: VNode): boolean;
  /** Whether an event of a node is not answered. */
  busy(node: VNode): boolean;
  /** Forgets the events that the server has answered. */
  answered(ev: number): void;
  /** Sends the events behind ev again, after the connection was lost. */
  resend(ev: number): void;
}

/** Sends by send; full is called when an event is lost, because the plugin has left too many unanswered. */
export function makeOutbox(send: (...frame: Frame) => void, full: () => void): Outbox {
  let sent: Sent[] = [];
  let waiting: Sent[] = [];

  const like = (a: Sent) => (b: Sent): boolean => a.node === b.node && a.event === b.event;

  const number = (s: Sent): number => {
    const { node, event } = s;
    const { events, edits } = entryOf(node);
    const body = payload(events[event]!, s.fields);
    if (body.length > maxPayload || isGone(node)) return 0;
    s.frame = [(s.ev = ++box.last), node.id, event, box.seen, body];
    sent.push(s);
    if (edits) [node.dirty, node.held] = [s.ev, undefined];
    send(...s.frame);
    return s.ev;
  };

  const flush = (ready: (s: Sent) => boolean = () => true): void => {
    const all = waiting.filter(ready);
    waiting = waiting.filter((s) => !all.includes(s));
    for (const s of all) number(s);
  };

  const box: Outbox = {
    seen: 0,
    last: 0,
    push(node, event, fields) {
      const s: Sent = { node, event, fields, ev: 0, frame: [0, 0, 0, 0, new Uint8Array()] };
      const kinds = entryOf(node).events[event]!;
      // Turns of the wheel are summed, others are replaced.
      const wheel = kinds === "iin";
      if ((wheel || kinds.endsWith("*")) && sent.some(like(s))) {
        const before = waiting.find(like(s));
        if (before && wheel) fields[2] = Math.max(-mostSteps, Math.min(mostSteps, Number(fields[2]) + Number(before.fields[2])));
        if (before) before.fields = fields;
        else waiting.push(s);
        return 0;
      }
      if (sent.length >= mostSent) {
        // What a field holds waits, the newest of it; what cannot wait is said to be lost.
        const before = waiting.find(like(s));
        if (before) before.fields = fields;
        else if (entryOf(node).edits || kinds.endsWith("*")) waiting.push(s);
        else full();
        return 0;
      }
      // What came before must arrive before.
      flush();
      return number(s);
    },
    flush,
    waits: (node) => waiting.some((w) => w.node === node),
    busy: (node) => sent.some((s) => s.node === node),
    answered(ev) {
      if (!sent.length) return; // nothing waits either
      sent = sent.filter((s) => s.ev > ev);
      flush((w) => !sent.some(like(w)));
    },
    resend(ev) {
      for (const s of sent) if (s.ev > ev) send(...s.frame);
    },
  };
  return box;
}

/** The payload of an event, its fields written as the catalog declares them. */
export const payload = (kinds: string, fields: readonly Field[]): Uint8Array =>
  write(...fields.map((field, n) => {
    const kind = kinds[n];
    return kind === "t" ? String(field) : kind === "n" ? floatBytes(+field) : kind === "i" ? zigzag(Math.round(+field)) : +!!field;
  }));
