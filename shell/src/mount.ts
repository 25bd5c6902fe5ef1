import { Component } from "./catalog.gen";
import { control, entryOf, ownerOf, set } from "./build";
import { fault, type Fault, FaultCode, Frame } from "./frames";
import { State, type View } from "./frame";
import { type Field, isGone, type Owned, type Page, type VNode } from "./node";
import { Notes } from "./notes";
import { Outbox } from "./outbox";
import { loader } from "./core";
import { parts } from "./loaded";
import type { Connection, Mounted } from "./socket";
import { type Apply, Tree } from "./tree";
import { begin, bytes, end, fail, left, Malformed, text, uint, within } from "./wire";

export { ownerOf } from "./build";
export { fill } from "./table";

/** What the host answers when the page asks for a ticket. */
interface Ticket { ticket: string; plugin: string; name: string; version: string; error?: unknown }

/** What a person does that components hear of. Some do not bubble: all are caught on their way down. */
const heard = ["click", "input", "change", "keydown", "compositionend", "focusout", "toggle", "cancel"];
/** When to ask again for a ticket while the network is away, in ms. */
const delays = [0, 1000, 3000, 10_000];
/** After so many vain attempts to connect the host is asked whether there is a reason. */
const doubtAfter = 4;
/** How long what a person did is a reason for what comes above the page, in ms. */
const recently = 5000;
/** How long an event is a reason for effects, in ms. */
const forgotten = 10_000;
const maxToken = 128;

/** A plugin at a place of the page: asks for it, shows what it renders, tells it what the person does. */
export class Mount implements Mounted, Page {
  number = 0;
  private epoch = 0;
  private seq = 0;
  /** What is shown cannot be continued. */
  private broken = false;
  private readonly outbox = new Outbox((...frame) => {
    if (!this.made.has(frame[0])) this.made.set(frame[0], performance.now());
    if (this.live) this.connection.send(Frame.Event, this.number, ...frame);
  });
  /** When each event was made. */
  private readonly made = new Map<number, number>();
  private readonly tree: Tree;
  private readonly notes: Notes;
  /** Files that were announced, by the event that did, with the token once they are on their way. */
  private readonly files = new Map<number, { node: VNode; file: File; token?: string }>();
  private readonly deaf = new AbortController();
  private readonly dirty = new Set<VNode>();
  private ticket: Ticket | undefined;
  private live = false;
  private ended = false;
  private applying = false;
  private visible = true;
  /** Frames that came while parts are on their way for the one before them. */
  private held: (readonly [type: number, body: Uint8Array])[] | undefined;
  /** Whether the next SNAP continues what is shown. */
  private continues = false;
  private run = 0;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private attempts = 0;
  private acted = -Infinity;

  constructor(readonly host: HTMLElement, private readonly base: string, private readonly place: string, private readonly connection: Connection, private readonly view: View) {
    this.notes = new Notes(view, () => this.anew());
    this.tree = new Tree(this, (root) => view.body.replaceChildren(root));
    for (const type of heard) view.body.addEventListener(type, (event) => this.hear(type, event), { capture: true, signal: this.deaf.signal });
    this.start();
  }

  get title(): string {
    return this.view.title;
  }

  recent(): boolean {
    return performance.now() - this.acted < recently;
  }

  /** What holds the plugin's tree. */
  get body(): HTMLElement {
    return this.view.body;
  }

  /** Applies a frame of a recording, in which events were made that this mount knows nothing of. */
  replay(type: number, body: Uint8Array): void {
    this.outbox.last = Infinity;
    this.receive(type, body);
  }

  get layer(): HTMLElement {
    return this.view.frame;
  }

  /** Asks for the plugin, for the first time or anew. */
  start(): void {
    this.live = this.ended = this.continues = this.broken = false;
    this.held = undefined;
    this.number = this.epoch = this.seq = 0;
    this.ticket = undefined;
    this.outbox.reset();
    this.made.clear();
    this.files.clear();
    this.show(State.Loading);
    clearTimeout(this.retry);
    void this.ask(++this.run);
  }

  /** Ends what runs and asks for the plugin anew, as a person wants it. */
  anew(): void {
    if (!this.ended) this.connection.remove(this);
    this.start();
  }

  /** Ends it; it leaves nothing behind. */
  stop(): void {
    this.ended = true;
    this.run++;
    clearTimeout(this.retry);
    this.connection.remove(this);
    this.tree.end();
    this.deaf.abort();
  }

  /** Says whether it can be seen; the server sends nothing to what cannot. */
  see(visible: boolean): void {
    if (visible === this.visible) return;
    this.visible = visible;
    if (this.number) this.connection.send(Frame.Visible, this.number, +visible);
  }

  private show(state: State, error?: string): void {
    this.view.show(this.host, state, error);
    if (state === State.Fault || state === State.Loading) this.notes.notify("");
  }

  // What a connection asks of it.

  get point(): readonly number[] {
    return this.broken ? [this.number, 0, 0] : [this.number, this.epoch, this.seq];
  }

  ready(): void {
    if (!this.ticket || this.number || !this.connection.isOpen) return;
    this.number = this.connection.number();
    this.connection.send(Frame.Mount, this.number, +this.visible, this.ticket.ticket);
  }

  lost(times: number): void {
    this.live = false;
    // What was held is lost; what it was to change has been read in part.
    this.broken ||= !!this.held && this.epoch > 0;
    this.held = undefined;
    if (times === doubtAfter) void this.askTicket(this.run).then((answer) => "code" in answer && answer.code && !this.live && this.fault(answer));
    if (!this.ended) this.show(this.tree.root ? State.Lost : State.Loading);
  }

  fault(f: Fault): void {
    if (f.code === FaultCode.Notice) return this.notes.notify(f.text); // ends nothing
    const again = f.code === FaultCode.Gone || (f.code === FaultCode.Ticket && this.attempts++ < 2);
    this.live = false;
    this.held = undefined;
    if (again) return this.start();
    this.connection.remove(this);
    this.ended = true;
    this.show(State.Fault, f.text);
    if (f.retry) this.retry = setTimeout(() => this.start(), f.retry);
  }

  /** Nothing of a faulty frame was applied; the server is asked for the whole tree. */
  private repair(): void {
    if (!this.broken) this.connection.send(Frame.Nak, this.number, this.epoch, this.seq);
    this.broken = true;
  }

  receive(type: number, body: Uint8Array): void {
    if (this.held) {
      this.held.push([type, body]);
      return;
    }
    try {
      begin(body);
      this.read(type);
    } catch (e) {
      if (!(e instanceof Malformed)) throw e;
      console.error(`vitrine: ${e.message}`);
      this.repair();
    }
  }

  /** Does something as soon as some parts are there, at once if they are; what comes in the meantime is held. */
  private when(wants: Iterable<string>, then: () => void): void {
    const loading = Array.from(wants, (name) => loader.part(name));
    if (!loading.length) return then();
    const held: typeof this.held = (this.held = []);
    void Promise.all(loading).then(() => {
      if (this.held !== held) return;
      this.held = undefined;
      then();
      for (const frame of held) this.receive(...frame);
    }, () => this.held === held && this.fault({ ...fault(FaultCode.Unavailable, "A part of this page cannot be loaded."), retry: 10_000 }));
  }

  private read(type: number): void {
    if (type === Frame.Resumed) return this.resumed();
    const snap = type === Frame.Snap;
    const epoch = snap ? uint() : this.epoch;
    // After a faulty frame nothing counts but the whole tree.
    if (this.broken && epoch <= this.epoch) return;
    if (type === Frame.Upload) return this.give();
    if (type === Frame.Effect) return this.effect();
    if (!snap && type !== Frame.Patch && type !== Frame.Pixels) fail("no such frame");
    const seq = uint();
    const ackEv = uint();
    if ((snap ? epoch <= this.epoch : !epoch) || (!this.broken && seq !== this.seq + 1)) fail("a frame is missing");
    if (ackEv > this.outbox.last) fail("no such event");
    const painted = type === Frame.Pixels && (this.tree.get(uint()) ?? fail("no node"));
    if (painted && painted.kind !== Component.Canvas) fail("no canvas");
    const apply = snap ? this.tree.snap(this.continues ? ackEv : undefined) : painted ? parts.pixels!(painted) : this.tree.patch(ackEv);
    this.when(painted ? [] : this.tree.wants, () => this.applied(apply, snap ? epoch : 0, seq, ackEv));
  }

  /** Applies a frame of a tree, and says so; epoch is 0 unless it begins one. */
  private applied(apply: Apply, epoch: number, seq: number, ackEv: number): void {
    this.apply(apply);
    this.seq = this.outbox.seen = seq;
    this.connection.ack(this.number, seq);
    if (epoch) {
      this.epoch = epoch;
      this.broken = false;
      this.attempts = 0;
      this.continues = true;
      this.goLive();
    }
    this.outbox.answered(ackEv);
    for (const [ev, at] of this.made) if (ev <= ackEv && performance.now() - at > forgotten) this.made.delete(ev);
  }

  /** Does what follows from something that the person did not long ago. */
  private effect(): void {
    const ev = uint();
    const recent = ev <= this.outbox.last && performance.now() - (this.made.get(ev) ?? -Infinity) < forgotten;
    const rest = bytes(left());
    if (!recent) return;
    this.when(parts.effect ? [] : ["effects"], () => within(rest, () => this.apply(parts.effect!((id) => this.tree.get(id), this.notes, `${this.base}download`))));
  }

  private apply(apply: Apply): void {
    this.applying = true;
    apply();
    this.settle();
    this.applying = false;
  }

  private resumed(): void {
    uint(); // the epoch
    const seq = uint();
    const ev = uint();
    end();
    this.seq = seq;
    this.notes.notify(""); // one that still holds comes again
    this.connection.send(Frame.Visible, this.number, +this.visible);
    if (this.epoch) this.goLive();
    this.outbox.resend(ev);
  }

  private goLive(): void {
    this.live = true;
    this.show(State.Ready);
  }

  // What components ask of it.

  emit(node: VNode, event: number, ...fields: Field[]): number {
    return this.ended || !(node.bound & (1 << event)) ? 0 : this.outbox.push(node, event, fields);
  }

  busy(node: VNode): boolean {
    return this.outbox.busy(node);
  }

  release(node: VNode): void {
    if (node.dirty !== Infinity || this.outbox.waits(node)) return;
    const { held } = node;
    node.dirty = 0;
    node.held = undefined;
    if (held) set(node, 0, held[0], this);
    this.settle();
  }

  /** What the person entered is newer than anything the server knows. */
  enter(node: VNode, value: Field, event = -1): void {
    node.vals[0] = value;
    node.dirty = Infinity;
    if (event >= 0) this.emit(node, event, value);
  }

  offer(node: VNode, file: File, ...fields: Field[]): void {
    const ev = this.emit(node, 0, ...fields);
    for (const [before, sent] of this.files) if (sent.node === node) this.files.delete(before);
    if (ev) this.files.set(ev, { node, file });
  }

  later(node: VNode): void {
    this.dirty.add(node);
  }

  asset(name: string): string {
    return `${this.base}assets/${this.ticket?.plugin}/${this.ticket?.version}/${name}`;
  }

  rule(node: VNode, css: string): void {
    const { el } = node;
    const name = (el.id ||= `r${node.id}-${this.epoch}`);
    this.notes.rule(el, css && `:where(#${name}){${css}}`);
    node.drop ??= () => this.notes.rule(el, "");
  }

  // The rest.

  private settle(): void {
    for (const node of this.dirty) {
      this.dirty.delete(node);
      if (!isGone(node)) entryOf(node).does.after?.(node, this);
    }
  }

  /** Passes what a person did to the innermost component that answers it. */
  private hear(type: string, event: Event): void {
    // An element that goes while a frame is applied loses the focus; that is not the person's doing.
    if (!event.isTrusted || this.ended || this.applying) return;
    if (/click|keydown|change/.test(type)) this.acted = performance.now();
    const around: Owned[] = [];
    for (let el = event.target as Owned | null; el && el !== this.view.body; el = el.parentElement as Owned | null) around.push(el);
    around.forEach(ownerOf); // rows make their nodes
    for (const el of around) {
      const node = el.owner as VNode | undefined;
      if (node && node.el === el && (entryOf(node).does.on?.(node, event, this) || this.did(node, type, event))) break;
    }
    this.settle();
  }

  /** What the table says of a component's events; true when the event is dealt with. */
  private did(node: VNode, type: string, event: Event): boolean | void {
    const { on, edits, off, props } = entryOf(node);
    const key = type === "keydown" ? (event as KeyboardEvent).key : "";
    if (edits && type === "focusout") return this.release(node);
    if (off >= 0 && node.vals[off]) return type === "click";
    if (key === "Enter" && on["enter"] !== undefined && event.target === control(node) && !(event as KeyboardEvent).isComposing && control(node).localName !== "textarea") {
      this.emit(node, on["enter"], control(node).value);
      return;
    }
    if ((key === "Enter" || key === " ") && on["press"] !== undefined && event.target === node.el && node.bound & 1) {
      event.preventDefault();
      this.emit(node, 0);
      return true;
    }
    const number = on[type === "click" && on["press"] === 0 ? "press" : type];
    if (!edits) {
      if (number === undefined) return;
      this.emit(node, number);
      return type !== "click" || on["press"] === undefined || !!(node.bound & 1);
    }
    if (type === "compositionend" || type === "input" || type === "change") {
      const input = control(node) as HTMLInputElement;
      const kind = props[0]!.kind;
      const value = kind === "b" ? input.checked : kind === "n" ? input.valueAsNumber : input.value;
      // While a text is composed it is not told of.
      const told = type === "compositionend" ? on["input"] : number;
      this.enter(node, value, (event as InputEvent).isComposing ? -1 : told);
      return true;
    }
  }

  /** Sends a file. After a drop the server asks again; what is on its way is not sent twice. */
  private give(): void {
    const ev = uint();
    const token = text(maxToken);
    end();
    const sent = this.files.get(ev);
    if (!sent || sent.token === token) return;
    sent.token = token;
    const { node, file } = sent;
    void parts.upload!(`${this.base}upload`, token, node, file, this).then((done) => {
      if (!done) this.connection.send(Frame.Cancel, this.number, ev);
      if (sent.token === token) this.files.delete(ev);
    });
  }

  private async ask(run: number): Promise<void> {
    const answer = await this.askTicket(run);
    if (run !== this.run) return;
    if ("code" in answer) return this.fault(answer);
    this.ticket = answer;
    this.view.title = answer.name;
    this.connection.add(this);
  }

  /** Asks for a ticket to show what is bound to the place. The answer may be a refusal, in words for the person; its code is 0 if nobody answered. */
  private async askTicket(run: number): Promise<Ticket | Fault> {
    const given = this.host.getAttribute("ticket");
    this.host.removeAttribute("ticket"); // it works once
    if (given) return JSON.parse(given) as Ticket;
    for (const delay of delays) {
      await new Promise((then) => setTimeout(then, delay));
      if (run !== this.run) break;
      const answer = await fetch(`${this.base}tickets`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ place: this.place }),
      }).catch(() => undefined);
      const body = (await answer?.json().catch(() => undefined)) as Ticket | undefined;
      if (answer?.ok && body) return body;
      if (answer) {
        return { ...fault(FaultCode.Unavailable, String(body?.error ?? `The plugin cannot be shown (${answer.status}).`)), retry: Number(answer.headers.get("Retry-After")) * 1000 || 0 };
      }
    }
    return fault(0 as FaultCode, "The server cannot be reached.");
  }
}
