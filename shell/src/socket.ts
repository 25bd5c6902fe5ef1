import { type Fault, FaultCode, fault, Frame, maxText } from "./frames";
import { begin, byte, bytes, end, fail, left, Malformed, type Part, text, uint, write } from "./wire";

/** A mount, as the connection sees it. */
export interface Mounted {
  /** The number under which the server knows it, 0 before it is asked for. */
  readonly number: number;
  /** How far the page has come, for RESUME. */
  readonly point: readonly number[];
  /** Takes a frame that is about it: its type, and what follows the mount's number. */
  receive(type: number, body: Uint8Array): void;
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
const firstDelay = 250;
const longestDelay = 15_000;
/** How long a connection may take to be made and greeted, in ms. */
const patience = 10_000;

/** Reads the end of a FAULT frame. */
export function readFault(): Fault {
  const f = { code: uint(), retry: uint(), text: text(maxText) };
  end();
  return f;
}

/**
 * The one websocket of a page. It is made when the first mount asks, made again with growing,
 * jittered delays when it is lost, and given up when a page has no mounts.
 */
export class Connection {
  isOpen = false;
  spy: Spy | undefined;
  /** What is shown over it. */
  readonly shown = new Set<Mounted>();
  private socket: WebSocket | undefined;
  private session: Uint8Array | undefined;
  private offered: Uint8Array | undefined;
  private failures = 0;
  private nextMount = 1;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private silence: ReturnType<typeof setTimeout> | undefined;
  private heartbeat = patience;
  private readonly acks = new Map<number, number>();

  private readonly catalog: readonly number[];

  constructor(private readonly url: string, readonly hash: string) {
    this.catalog = hash.match(/../g)!.map((pair) => parseInt(pair, 16));
    // Does not wait when there is reason to believe that the network is back.
    const soon = (): unknown => this.retry && !document.hidden && this.connect();
    addEventListener("online", soon);
    document.addEventListener("visibilitychange", soon);
  }

  /** A number for a mount, never used before on this page. */
  number(): number {
    return this.nextMount++;
  }

  add(mount: Mounted): void {
    this.shown.add(mount);
    if (this.isOpen) mount.ready();
    else if (!this.socket && !this.retry) this.connect();
  }

  remove(mount: Mounted): void {
    if (mount.number) this.send(Frame.Unmount, mount.number);
    this.shown.delete(mount);
    this.acks.delete(mount.number);
    if (!this.shown.size) this.close();
  }

  /** Sends a frame if the connection is there; what must not be lost is sent again after RESUMED. */
  send(...parts: readonly Part[]): void {
    if (this.isOpen) this.out(write(...parts));
  }

  private out(frame: Uint8Array<ArrayBuffer>): void {
    const socket = this.socket!;
    this.pass(true, frame, () => socket.send(frame));
  }

  private pass(...[sent, frame, go]: Parameters<Spy>): void {
    if (this.spy) this.spy(sent, frame, go);
    else go();
  }

  /** Says that a mount's frames up to seq are applied, once for all that came in a row. */
  ack(mount: number, seq: number): void {
    if (!this.acks.size) {
      setTimeout(() => {
        for (const ack of this.acks) this.send(Frame.Ack, ...ack);
        this.acks.clear();
      });
    }
    this.acks.set(mount, seq);
  }

  private connect(): void {
    clearTimeout(this.retry);
    this.retry = undefined;
    const socket = (this.socket = new WebSocket(this.url, subprotocol));
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      this.out(write(Frame.ClientHello, version, this.catalog));
      const known = [...this.shown].filter((m) => m.number);
      if (this.session && known.length) this.out(write(Frame.Resume, this.session, known.length, known.flatMap((m) => [...write(...m.point)])));
    };
    socket.onmessage = ({ data }) => this.pass(false, data, () => socket === this.socket && this.message(data));
    socket.onclose = () => {
      if (socket === this.socket) this.lost();
    };
    this.listen(patience);
  }

  /** Gives the connection up when nothing comes for so many ms. */
  private listen(ms: number): void {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => this.lost(), ms);
  }

  private lost(after = 0): void {
    this.close();
    this.failures++;
    for (const mount of this.shown) mount.lost(this.failures);
    if (!this.shown.size) return;
    const longest = Math.min(longestDelay, firstDelay * 2 ** (this.failures - 1));
    this.retry = setTimeout(() => this.connect(), after + longest * (0.5 + Math.random() / 2));
  }

  private close(): void {
    const { socket } = this;
    clearTimeout(this.silence);
    clearTimeout(this.retry);
    this.retry = this.socket = undefined;
    this.isOpen = false;
    this.acks.clear();
    socket?.close();
  }

  private message(data: unknown): void {
    try {
      if (!(data instanceof ArrayBuffer) || data.byteLength > maxFrame) return fail("no frame");
      const frame = new Uint8Array(data);
      begin(frame);
      const type = byte();
      this.listen(this.heartbeat * 2);
      if (type === Frame.Ping) this.send(Frame.Pong);
      else if (type === Frame.Hello) this.hello();
      else if (type === Frame.Bye) this.lost(uint());
      else {
        const number = uint() || (type === Frame.Fault ? 0 : fail("no mount"));
        if (!number) return this.fault(readFault());
        const about = [...this.shown].find((m) => m.number === number);
        if (type === Frame.Resumed || type === Frame.Snap || type === Frame.Fault) this.session = this.offered;
        // Frames may be on their way to a mount that is gone from the page.
        if (type === Frame.Fault) about?.fault(readFault());
        else about?.receive(type, bytes(left()));
      }
    } catch (e) {
      if (!(e instanceof Malformed)) throw e;
      this.end(fault(FaultCode.Protocol, `The connection was closed because of a faulty message: ${e.message}.`));
    }
  }

  private hello(): void {
    const spoken = uint();
    const session = bytes(16).slice();
    if (spoken !== version || bytes(8).some((b, n) => b !== this.catalog[n])) return this.end(fault(FaultCode.Protocol, "This page is older than the server. Load it again."));
    this.heartbeat = uint() || patience;
    // The window and the longest frame are the server's to keep.
    uint();
    uint();
    end();
    this.offered = session;
    if (!this.session || ![...this.shown].some((m) => m.number)) this.session = session;
    this.isOpen = true;
    this.failures = 0;
    for (const mount of this.shown) if (!mount.number) mount.ready();
  }

  /** The server ends the connection. */
  private fault(f: Fault): void {
    if (f.code === FaultCode.Gone) {
      this.session = undefined;
      for (const mount of [...this.shown]) mount.fault(f);
      this.lost();
    } else if (f.retry) this.lost(f.retry);
    else this.end(f);
  }

  private end(f: Fault): void {
    this.close();
    this.session = undefined;
    for (const mount of [...this.shown]) mount.fault(f);
  }
}
