import { type Fault, FaultCode, fault, Frame, maxText } from "./frames";
import { begin, byte, bytes, end, fail, Malformed, type Part, some, text, uint, write } from "./wire";

/** A mount, as the connection sees it. */
export interface Mounted {
  /** The number under which the server knows it, 0 before it is asked for. */
  number: number;
  /** How far the page has come, for RESUME: number, epoch, seq. */
  point(): readonly number[];
  /** Takes a frame of a type that is about it: what is to be read next follows its number. */
  receive(type: number): void;
  /** The connection can be used by mounts that the server does not know yet. */
  ready(): void;
  /** The connection is lost, so many times in a row; it will be back by itself. */
  lost(times: number): void;
  /** It cannot be shown any more, or a notice. */
  fault(fault: Fault): void;
}

/** Sees every frame, for developers, and lets it go on. */
export type Spy = (sent: boolean, frame: ArrayBuffer | Uint8Array<ArrayBuffer>, go: () => void) => void;

const subprotocol = "vitrine.v1";
const version = 1;
const maxFrame = 256 << 10;
/** The longest time that a frame can say, in ms. */
const maxTime = 2 ** 32 - 1;
const firstDelay = 250;
const longestDelay = 15_000;
/** How long a connection may take to be made and greeted, in ms. */
const patience = 10_000;

/** What a frame says, if nothing follows. */
const last = <T>(said: T): T => (end(), said);

/** Reads the end of a FAULT frame. */
export function readFault(): Fault {
  return last({ code: uint(), retry: uint(maxTime), text: text(maxText) });
}

/**
 * The one websocket of a page. It is made when the first mount asks, made again with growing,
 * jittered delays when it is lost, and given up when a page has no mounts.
 */
export interface Connection {
  /** The catalog's hash, in hex. */
  readonly hash: string;
  /** What is shown over it. */
  readonly shown: Set<Mounted>;
  isOpen: boolean;
  spy: Spy | undefined;
  /** A number for a mount, never used before on this page. */
  number(): number;
  add(mount: Mounted): void;
  remove(mount: Mounted): void;
  /** Sends a frame if the connection is there; what must not be lost is sent again after RESUMED. */
  send(...parts: readonly Part[]): void;
  /** Says that a mount's frames up to seq are applied, once for all that came in a row. */
  ack(mount: number, seq: number): void;
}

export function makeConnection(url: string, hash: string): Connection {
  const catalog = hash.match(/../g)!.map((pair) => parseInt(pair, 16));
  const shown = new Set<Mounted>();
  const acks = new Map<number, number>();
  let socket: WebSocket | undefined;
  let session: Uint8Array | undefined;
  let offered: Uint8Array | undefined;
  let [failures, mounts] = [0, 0];
  /** How often it is looked whether a frame has come, in ms, and how often none had; below 0 when one came since. */
  let [beat, silent] = [0, 0];
  /** The mount that the last frame was about: what comes next is mostly about the same. */
  let about: Mounted | undefined;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let silence: ReturnType<typeof setTimeout> | undefined;

  const known = (): Mounted[] => [...shown].filter((m) => m.number);

  const out = (...parts: readonly Part[]): void => {
    const frame = write(...parts);
    const to = socket!;
    const go = (): void => to.send(frame);
    if (connection.spy) connection.spy(true, frame, go);
    else go();
  };

  const connect = (): void => {
    clearTimeout(retry);
    retry = undefined;
    const made = (socket = new WebSocket(url, subprotocol));
    made.binaryType = "arraybuffer";
    made.onopen = () => {
      out(Frame.ClientHello, version, catalog);
      const all = known();
      if (session && all.length) out(Frame.Resume, session, all.length, all.flatMap((m) => [...write(...m.point())]));
    };
    made.onmessage = ({ data }) => {
      if (connection.spy) connection.spy(false, data, () => made === socket && message(data));
      else if (made === socket) message(data);
    };
    made.onclose = () => made === socket && lost();
    silent = 0;
    beat = patience / 2;
    watch();
  };

  /** Gives the connection up when nothing has come for two beats, three at most. What comes is only noted: a timer or a look at the clock costs as much as a small frame. */
  const watch = (): void => {
    clearTimeout(silence);
    silence = setTimeout(() => {
      if (++silent > 1) lost();
      else watch();
    }, beat);
  };

  const close = (): void => {
    const old = socket;
    clearTimeout(silence);
    clearTimeout(retry);
    retry = socket = undefined;
    connection.isOpen = false;
    acks.clear();
    old?.close();
  };

  const lost = (after = 0): void => {
    close();
    failures++;
    for (const mount of shown) mount.lost(failures);
    const longest = Math.min(longestDelay, firstDelay * 2 ** (failures - 1));
    if (shown.size) retry = setTimeout(connect, after + longest * (0.5 + Math.random() / 2));
  };

  /** The server ends the connection; nothing that was shown over it can go on. */
  const ended = (f: Fault): void => {
    close();
    session = undefined;
    for (const mount of [...shown]) mount.fault(f);
  };

  const hello = (): void => {
    const spoken = uint();
    offered = bytes(16).slice();
    if (spoken !== version || bytes(8).some((b, n) => b !== catalog[n])) return ended(fault(FaultCode.Protocol, "This page is older than the server. Load it again."));
    beat = uint() || patience;
    // The window and the longest frame are the server's to keep.
    uint();
    uint();
    end();
    if (!session || !known().length) session = offered;
    connection.isOpen = true;
    failures = 0;
    for (const mount of shown) mount.ready();
  };

  const message = (data: string | ArrayBuffer): void => {
    try {
      if (typeof data === "string" || data.byteLength > maxFrame) return fail("no frame");
      begin(new Uint8Array(data));
      const type = byte();
      silent = -1;
      if (type === Frame.Ping) connection.send(Frame.Pong);
      else if (type === Frame.Hello) hello();
      else if (type === Frame.Bye) lost(last(uint(maxTime)));
      else {
        const number = type === Frame.Fault ? uint() : some();
        const f = type === Frame.Fault && readFault();
        if (f && !number) {
          if (f.retry && f.code !== FaultCode.Gone) return lost(f.retry);
          ended(f);
          if (f.code === FaultCode.Gone) lost();
          return;
        }
        if (f || type === Frame.Resumed || type === Frame.Snap) session = offered;
        // Frames may be on their way to a mount that is gone from the page.
        if (about?.number !== number || !shown.has(about)) about = known().find((m) => m.number === number);
        if (f) about?.fault(f);
        else about?.receive(type);
      }
    } catch (e) {
      if (!(e instanceof Malformed)) throw e;
      ended(fault(FaultCode.Protocol, `The connection was closed because of a faulty message: ${e.message}.`));
    }
  };

  const connection: Connection = {
    hash,
    shown,
    isOpen: false,
    spy: undefined,
    number: () => ++mounts,
    add(mount) {
      shown.add(mount);
      if (connection.isOpen) mount.ready();
      else if (!socket && !retry) connect();
    },
    remove(mount) {
      if (mount.number) connection.send(Frame.Unmount, mount.number);
      shown.delete(mount);
      acks.delete(mount.number);
      if (!shown.size) close();
    },
    send(...parts) {
      if (connection.isOpen) out(...parts);
    },
    ack(mount, seq) {
      if (!acks.size) {
        setTimeout(() => {
          for (const ack of acks) connection.send(Frame.Ack, ...ack);
          acks.clear();
        });
      }
      acks.set(mount, seq);
    },
  };

  // Does not wait when there is reason to believe that the network is back.
  const soon = (): unknown => retry && !document.hidden && connect();
  addEventListener("online", soon);
  document.addEventListener("visibilitychange", soon);
  return connection;
}
