import { clientHello, FaultCode, Frame, plainFrame, readFault, readHello, resumeFrame, subprotocol, type Fault, maxFrame } from "./frames";
import { fail, Malformed, Reader } from "./wire";

/** A mount, as the connection sees it. */
export interface Mounted {
  /** The number under which the server knows it, 0 before it is asked for. */
  readonly number: number;
  /** How far the page has come, for RESUME. */
  readonly point: readonly number[];
  /** Applies a frame that is about it. Throws Malformed when it cannot. */
  receive(type: number, r: Reader): void;
  /** The connection can be used by mounts that the server does not know yet. */
  ready(): void;
  /** The connection is lost, so many times in a row; it will be back by itself. */
  lost(times: number): void;
  /** A frame about it is faulty; the connection will be made anew. */
  repair(fault: Fault): void;
  /** It cannot be shown any more. */
  fault(fault: Fault): void;
}

const firstDelay = 250;
const longestDelay = 15_000;
/** How long a connection may take to be made and greeted, in ms. */
const patience = 10_000;

/**
 * The one websocket of a page. It is made when the first mount asks, made again with growing,
 * jittered delays when it is lost, and given up when a page has no mounts.
 */
export class Connection {
  private readonly mounts = new Set<Mounted>();
  private socket: WebSocket | undefined;
  private session: Uint8Array | undefined;
  private offered: Uint8Array | undefined;
  private failures = 0;
  private nextMount = 1;
  private open = false;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private silence: ReturnType<typeof setTimeout> | undefined;
  private heartbeat = patience;
  private readonly acks = new Map<number, number>();

  constructor(private readonly url: string) {
    addEventListener("online", () => this.soon());
    document.addEventListener("visibilitychange", () => document.hidden || this.soon());
  }

  /** Whether frames can be sent now. */
  get isOpen(): boolean {
    return this.open;
  }

  /** A number for a mount, never used before on this page. */
  number(): number {
    return this.nextMount++;
  }

  add(mount: Mounted): void {
    this.mounts.add(mount);
    if (this.open) mount.ready();
    else if (!this.socket && !this.retry) this.connect();
  }

  remove(mount: Mounted): void {
    if (mount.number) this.send(plainFrame(Frame.Unmount, mount.number));
    this.mounts.delete(mount);
    this.acks.delete(mount.number);
    if (!this.mounts.size) this.close();
  }

  /** Sends a frame if the connection is there; what must not be lost is sent again after RESUMED. */
  send(frame: Uint8Array<ArrayBuffer>): void {
    if (this.open) this.socket?.send(frame);
  }

  /** Says that a mount's frames up to seq are applied, once for all that came in a row. */
  ack(mount: number, seq: number): void {
    if (!this.acks.size) setTimeout(() => this.sendAcks());
    this.acks.set(mount, seq);
  }

  private sendAcks(): void {
    for (const [mount, seq] of this.acks) this.send(plainFrame(Frame.Ack, mount, seq));
    this.acks.clear();
  }

  private connect(): void {
    clearTimeout(this.retry);
    this.retry = undefined;
    const socket = (this.socket = new WebSocket(this.url, subprotocol));
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      socket.send(clientHello());
      const known = [...this.mounts].filter((m) => m.number);
      if (this.session && known.length) socket.send(resumeFrame(this.session, known.map((m) => m.point)));
    };
    socket.onmessage = ({ data }) => {
      if (socket === this.socket) this.message(data);
    };
    socket.onclose = () => {
      if (socket === this.socket) this.lost();
    };
    this.listen(patience);
  }

  /** Gives the connection up when nothing comes for so many ms. */
  private listen(ms: number): void {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => {
      this.socket?.close();
      this.lost();
    }, ms);
  }

  private lost(after?: number): void {
    this.close();
    this.failures++;
    for (const mount of this.mounts) mount.lost(this.failures);
    if (!this.mounts.size) return;
    const longest = Math.min(longestDelay, firstDelay * 2 ** (this.failures - 1));
    this.retry = setTimeout(() => this.connect(), (after ?? 0) + longest * (0.5 + Math.random() / 2));
  }

  /** Does not wait when there is reason to believe that the network is back. */
  private soon(): void {
    if (this.retry) this.connect();
  }

  private close(): void {
    const { socket } = this;
    clearTimeout(this.silence);
    clearTimeout(this.retry);
    this.retry = this.socket = undefined;
    this.open = false;
    this.acks.clear();
    socket?.close();
  }

  private message(data: unknown): void {
    let about: Mounted | undefined;
    try {
      if (!(data instanceof ArrayBuffer) || data.byteLength > maxFrame) fail("a message is not a frame");
      const r = new Reader(new Uint8Array(data));
      const type = r.byte();
      this.listen(this.heartbeat * 2);
      if (type === Frame.Ping) this.send(plainFrame(Frame.Pong));
      else if (type === Frame.Hello) this.hello(r);
      else if (type === Frame.Bye) this.lost(r.uint());
      else {
        const number = r.uint();
        about = [...this.mounts].find((m) => m.number === number);
        if (!number && type === Frame.Fault) this.fault(readFault(r));
        else if (number) this.receive(type, r, about);
        else fail("a frame of no mount");
      }
    } catch (e) {
      if (!(e instanceof Malformed)) throw e;
      this.broken(e, about);
    }
  }

  private receive(type: number, r: Reader, mount: Mounted | undefined): void {
    if (type === Frame.Resumed || type === Frame.Snap || type === Frame.Fault) this.session = this.offered;
    // Frames may be on their way to a mount that is gone from the page.
    mount?.receive(type, r);
  }

  private hello(r: Reader): void {
    const { session, sameCatalog, heartbeat } = readHello(r);
    if (!sameCatalog) return this.end({ code: FaultCode.Protocol, retry: 0, text: "This page is older than the server. Load it again." });
    const resuming = this.session && [...this.mounts].some((m) => m.number);
    this.offered = session;
    if (!resuming) this.session = session;
    this.open = true;
    this.failures = 0;
    this.heartbeat = heartbeat || patience;
    for (const mount of this.mounts) if (!mount.number) mount.ready();
  }

  /** The server ends the connection. */
  private fault(fault: Fault): void {
    if (fault.code === FaultCode.Gone) {
      this.session = undefined;
      for (const mount of [...this.mounts]) mount.fault(fault);
      this.lost();
    } else if (fault.retry) this.lost(fault.retry);
    else this.end(fault);
  }

  /** A frame is not one: nothing of it was applied, and the connection is made anew. */
  private broken(e: Malformed, about: Mounted | undefined): void {
    console.error(`vitrine: ${e.message}`);
    const fault = { code: FaultCode.Protocol, retry: 0, text: `The connection was closed because of a faulty message: ${e.message}.` };
    if (!about) return this.end(fault);
    about.repair(fault);
    this.lost();
  }

  private end(fault: Fault): void {
    this.close();
    this.session = undefined;
    for (const mount of [...this.mounts]) mount.fault(fault);
  }
}
