import { catalog, catalogHash, Kind } from "./catalog.gen";
import { Reader, Writer, zigzag } from "./wire";

export const subprotocol = "vitrine.v1";
const version = 1;
const sessionBytes = 16;

/** The first byte of a frame (abi/PROTOCOL.md). */
export const enum Frame {
  Hello = 0x01, Snap = 0x03, Patch = 0x04, Fault = 0x06, Resumed = 0x07, Ping = 0x08, Bye = 0x09, Pixels = 0x0a, Upload = 0x0b,
  ClientHello = 0x41, Mount = 0x42, Event = 0x43, Ack = 0x44, Resume = 0x45, Visible = 0x46, Unmount = 0x47, Pong = 0x49,
}

/** What a FAULT is about. */
export const enum FaultCode { Plugin = 1, Gone, Ticket, Limit, Protocol, Unavailable, Notice }

/** The longest frame and the longest payload of an event, in bytes. */
export const maxFrame = 256 << 10;
export const maxPayload = 64 << 10;

const maxFaultText = 2 << 10;
const maxTicket = 128;

export interface Hello { session: Uint8Array; sameCatalog: boolean; heartbeat: number }
export interface Fault { code: number; retry: number; text: string }

/** A value in an event's payload. */
export type Field = string | number | boolean;

const hex = (bytes: Uint8Array): string => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
const unhex = (s: string): number[] => (s.match(/../g) ?? []).map((pair) => parseInt(pair, 16));

export function readHello(r: Reader): Hello {
  const spoken = r.uint();
  const session = r.bytes(sessionBytes).slice();
  const hash = hex(r.bytes(catalogHash.length / 2));
  const heartbeat = r.uint();
  r.uint(); // the window is the server's to keep
  r.uint(); // the longest frame as well
  r.end();
  return { session, sameCatalog: spoken === version && hash === catalogHash, heartbeat };
}

export function readFault(r: Reader): Fault {
  const fault = { code: r.uint(), retry: r.uint(), text: r.text(maxFaultText) };
  r.end();
  return fault;
}

export function readUpload(r: Reader): { ev: number; token: string } {
  const upload = { ev: r.uint(), token: r.text(maxTicket) };
  r.end();
  return upload;
}

export const clientHello = (): Uint8Array<ArrayBuffer> => new Writer().number(Frame.ClientHello, version).raw(unhex(catalogHash)).done();

export const mountFrame = (mount: number, visible: boolean, ticket: string): Uint8Array<ArrayBuffer> =>
  new Writer().number(Frame.Mount, mount, +visible).text(ticket).done();

export const resumeFrame = (session: Uint8Array, points: readonly (readonly number[])[]): Uint8Array<ArrayBuffer> =>
  new Writer().number(Frame.Resume).raw(session).number(points.length, ...points.flat()).done();

/** Any frame that is nothing but numbers: ACK, VISIBLE, UNMOUNT, PONG. */
export const plainFrame = (...numbers: number[]): Uint8Array<ArrayBuffer> => new Writer().number(...numbers).done();

/** The payload of an event, its fields written as the catalog declares them. */
export function payload(component: number, event: number, fields: readonly Field[]): Uint8Array {
  const w = new Writer();
  (catalog[component]?.[2][event]?.[1] ?? []).forEach((kind, i) => {
    const field = fields[i];
    if (kind === Kind.Text) w.text(String(field));
    else if (kind === Kind.Number) w.float(Number(field));
    else w.number(kind === Kind.Int ? zigzag(Math.round(Number(field))) : +!!field);
  });
  return w.done();
}

export const eventFrame = (mount: number, ev: number, node: number, event: number, seen: number, body: Uint8Array): Uint8Array<ArrayBuffer> =>
  new Writer().number(Frame.Event, mount, ev, node, event, seen).raw(body).done();
