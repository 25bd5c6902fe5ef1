/** The first byte of a frame (abi/PROTOCOL.md). */
export const enum Frame {
  Hello = 0x01, Snap = 0x03, Patch = 0x04, Effect = 0x05, Fault = 0x06, Resumed = 0x07, Ping = 0x08, Bye = 0x09, Pixels = 0x0a, Upload = 0x0b, Call = 0x0c, Refused = 0x0d, Taken = 0x0e,
  ClientHello = 0x41, Mount = 0x42, Event = 0x43, Ack = 0x44, Resume = 0x45, Visible = 0x46, Unmount = 0x47, Nak = 0x48, Pong = 0x49, Cancel = 0x4a, Props = 0x4b, Answer = 0x4c,
}

/** What a FAULT is about. */
export const enum FaultCode { Plugin = 1, Gone, Ticket, Limit, Protocol, Unavailable, Notice }

export interface Fault { code: number; retry: number; text: string }

/** A fault that the page itself finds; it tries again after so many ms, if that is not 0. */
export const fault = (code: FaultCode, text: string, retry = 0): Fault => ({ code, retry, text });

export const maxPayload = 64 << 10;
export const maxText = 2 << 10;
