import { codes } from "./codes.gen";
import { Frame } from "./frames";

/** A frame that went over the connection: when, in ms since the first, which way, and what it said. */
export interface Recorded { ms: number; sent: boolean; frame: Uint8Array }

/** What people call frames, by their first byte. */
export const called: Readonly<Record<number, string>> = {
  [Frame.Hello]: "HELLO", [Frame.Snap]: "SNAP", [Frame.Patch]: "PATCH", [Frame.Effect]: "FX", [Frame.Fault]: "FAULT", [Frame.Resumed]: "RESUMED", [Frame.Ping]: "PING", [Frame.Bye]: "BYE",
  [Frame.Pixels]: "PIXELS", [Frame.Upload]: "UPLOAD", [Frame.ClientHello]: "HELLO", [Frame.Mount]: "MOUNT", [Frame.Event]: "EVENT", [Frame.Ack]: "ACK", [Frame.Resume]: "RESUME",
  [Frame.Visible]: "VISIBLE", [Frame.Unmount]: "UNMOUNT", [Frame.Nak]: "NAK", [Frame.Pong]: "PONG", [Frame.Cancel]: "CANCEL",
  [Frame.Call]: "CALL", [Frame.Refused]: "REFUSED", [Frame.Taken]: "TAKEN", [Frame.Props]: "PROPS", [Frame.Answer]: "ANSWER",
};

/** The numbers that a frame begins with, behind its type; fewer if there are not so many. */
export function numbers(frame: Uint8Array, most: number): number[] {
  const out: number[] = [];
  for (let at = 1; out.length < most && at < frame.length;) {
    let n = 0;
    for (let scale = 1, more = true; more && at < frame.length; scale *= 128) {
      const b = frame[at++]!;
      n += (b & 127) * scale;
      more = b > 127;
    }
    out.push(n);
  }
  return out;
}

const hex = (bytes: Uint8Array): string => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");

/** A frame without what opens doors: the session's secret, tickets, tokens. Its length stays. Props, answers and what people typed stay in clear. */
export function harmless(frame: Uint8Array): Uint8Array {
  const out = frame.slice();
  const type = out[0]!;
  if (type === Frame.Hello) out.fill(0, 2, 18);
  else if (type === Frame.Resume) out.fill(0, 1, 17);
  else {
    const [, , third = 0, name = 0] = numbers(out, 4);
    let at = 1;
    const skip = (most: number): void => {
      for (let n = 0; n < most && at < out.length; at++) if (out[at]! < 128) n++;
    };
    const download = type === Frame.Effect && third === 7;
    if (type !== Frame.Mount && type !== Frame.Upload && !download) return out;
    // Behind three numbers comes the text; of a download behind the file's name.
    skip(3);
    if (download) {
      skip(1);
      at += name;
      skip(1);
    }
    out.fill(0x78, at, download ? out.length : at + third); // behind a ticket props may follow
  }
  return out;
}

/** What a frame says of the page's props, or of a call to the page, for people to read; "" for any other. What is cut off is left out. */
export function said(frame: Uint8Array): string {
  const type = frame[0]!;
  const about = [Frame.Mount, Frame.Props, Frame.Taken, Frame.Refused, Frame.Call, Frame.Answer];
  if (!about.includes(type)) return "";
  const bytes = harmless(frame);
  let at = 1;
  const number = (): number => {
    const [n = 0] = numbers(bytes.subarray(at - 1), 1);
    while (at < bytes.length && bytes[at++]! > 127);
    return n;
  };
  const text = (): string => {
    const long = number();
    return new TextDecoder().decode(bytes.subarray(at, (at += long)));
  };
  number(); // the mount
  const of = `#${number()}`; // of MOUNT whether it is visible
  if (type === Frame.Mount) {
    text();
    return at < bytes.length ? text() : "";
  }
  if (type === Frame.Props) return `${of} ${text()}`;
  if (type === Frame.Taken) return of;
  if (type === Frame.Call) return `${of} ${text()}(${text()})`;
  const code = number();
  const why = codes[code] ?? String(code);
  return type === Frame.Refused ? `${of} ${why}: ${text()}` : `${of} ${code ? why : text()}`;
}

/** A recording: its frames, and what the plugins of its mounts are called. */
export interface Recording { log: readonly Recorded[]; plugins: ReadonlyMap<number, string> }

/** A recording as a file, which `vitrine replay` reads: a head, then a line a frame. */
export const written = (catalog: string, { log, plugins }: Recording): string =>
  [{ vitrine: "record", version: 1, catalog, plugins: Object.fromEntries(plugins) }, ...log.map(({ ms, sent, frame }) => ({ ms: Math.round(ms), from: sent ? "page" : "server", frame: hex(harmless(frame)) }))].map((line) => `${JSON.stringify(line)}\n`).join("");

/** Reads a recording; throws an Error that says what is wrong with which line. */
export function read(file: string, catalog: string): Recording {
  const lines = file.split("\n").filter(Boolean).map((line, n): Readonly<Record<string, unknown>> => {
    try {
      return JSON.parse(line) as Readonly<Record<string, unknown>>;
    } catch {
      throw new Error(`Line ${n + 1} is not JSON.`);
    }
  });
  const head = lines.shift();
  if (head?.["vitrine"] !== "record" || head["version"] !== 1) throw new Error("This is not a recording of version 1.");
  if (head["catalog"] !== catalog) throw new Error("The recording was made with another catalog.");
  const plugins = Object.entries(head["plugins"] ?? {}).map(([mount, name]): [number, string] => [+mount, String(name)]);
  const log = lines.map(({ ms, from, frame }, n) => {
    if (typeof ms !== "number" || (from !== "page" && from !== "server") || typeof frame !== "string" || !/^([\da-f]{2})+$/.test(frame)) throw new Error(`Line ${n + 2} is not a frame.`);
    return { ms, sent: from === "page", frame: new Uint8Array(frame.match(/../g)!.map((pair) => parseInt(pair, 16))) };
  });
  return { log, plugins: new Map(plugins) };
}
