import { Component } from "./catalog.gen";
import { paint } from "./components/canvas";
import { showError } from "./components/fields";
import { definitionOf, set } from "./component";
import { newId, ownerOf } from "./dom";
import { eventFrame, FaultCode, type Fault, type Field, Frame, mountFrame, plainFrame, readFault, readUpload } from "./frames";
import type { Page, VNode } from "./node";
import { Outbox } from "./outbox";
import { readPixels } from "./pixels";
import type { Connection, Mounted } from "./socket";
import { askTicket, type Ticket } from "./ticket";
import { type Apply, Tree } from "./tree";
import { upload } from "./upload";
import { State, type View } from "./view";
import { fail, type Reader } from "./wire";

const domEvents = ["click", "input", "change", "keydown", "compositionend", "focusout"];
/** After so many vain attempts to connect the host is asked whether there is a reason. */
const doubtAfter = 4;
/** How often a faulty message is answered by asking for the whole tree, in ms. */
const repairEvery = 60_000;

/** A plugin at a place of the page: asks for it, shows what it renders, tells it what the person does. */
export class Mount implements Mounted, Page {
  number = 0;
  private epoch = 0;
  private seq = 0;
  /** What is shown cannot be continued. */
  private broken = false;
  private readonly outbox = new Outbox((ev, node, event, seen, body) => {
    if (this.live) this.connection.send(eventFrame(this.number, ev, node, event, seen, body));
  });
  private readonly tree: Tree;
  /** Files that were announced, by the event that did, with the token once they are on their way. */
  private readonly files = new Map<number, { node: VNode; file: File; token?: string }>();
  private readonly deaf = new AbortController();
  private readonly dirty = new Set<VNode>();
  private ticket: Ticket | undefined;
  private live = false;
  private ended = false;
  private applying = false;
  private visible = true;
  /** Whether the next SNAP continues what is shown. */
  private continues = false;
  private run = 0;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private attempts = 0;
  private repaired = -Infinity;
  private readonly classes = new WeakMap<HTMLElement, string>();

  constructor(private readonly base: string, private readonly place: string, private readonly connection: Connection, private readonly view: View) {
    this.tree = new Tree(this, (root) => view.body.replaceChildren(root));
    for (const type of domEvents) view.body.addEventListener(type, (event) => this.heard(type, event), this.deaf);
    this.start();
  }

  /** Asks for the plugin, for the first time or anew. */
  start(): void {
    this.live = this.ended = false;
    this.number = this.epoch = this.seq = 0;
    this.ticket = undefined;
    this.outbox.reset();
    this.files.clear();
    this.continues = this.broken = false;
    this.view.show(State.Loading);
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
    if (this.number) this.connection.send(plainFrame(Frame.Visible, this.number, +visible));
  }

  // What a connection asks of it.

  get point(): readonly number[] {
    return this.broken ? [this.number, 0, 0] : [this.number, this.epoch, this.seq];
  }

  ready(): void {
    if (!this.ticket || this.number || !this.connection.isOpen) return;
    this.number = this.connection.number();
    this.connection.send(mountFrame(this.number, this.visible, this.ticket.ticket));
  }

  lost(times: number): void {
    this.live = false;
    if (times === doubtAfter) void this.doubt(this.run);
    if (!this.ended) this.view.show(this.tree.root ? State.Lost : State.Loading);
  }

  fault(fault: Fault): void {
    const again = fault.code === FaultCode.Gone || (fault.code === FaultCode.Ticket && this.attempts++ < 2);
    this.live = false;
    if (again) return this.start();
    this.connection.remove(this);
    this.ended = true;
    this.view.show(State.Fault, fault.text);
    if (fault.retry) this.retry = setTimeout(() => this.start(), fault.retry);
  }

  /** Asks for the whole tree anew; if that does not help either, it is over. */
  repair(fault: Fault): void {
    if (performance.now() - this.repaired < repairEvery) return this.fault(fault);
    this.repaired = performance.now();
    this.broken = true;
  }

  receive(type: number, r: Reader): void {
    switch (type) {
      case Frame.Fault:
        return this.said(readFault(r));
      case Frame.Resumed:
        return this.resumed(r);
      case Frame.Upload:
        return this.send(readUpload(r));
    }
    if (type !== Frame.Snap && type !== Frame.Patch && type !== Frame.Pixels) fail("there is no such frame");
    const epoch = type === Frame.Snap ? r.uint() : this.epoch;
    const seq = r.uint();
    const ackEv = r.uint();
    if (!this.known(type, epoch) || seq !== this.seq + 1) fail("a frame is missing");
    if (ackEv > this.outbox.last) fail("an event is answered that there was not");
    const apply = type === Frame.Snap ? this.tree.snap(r, this.continues ? ackEv : undefined) : type === Frame.Patch ? this.tree.patch(r, ackEv) : this.pixels(r);
    this.applying = true;
    apply();
    this.refresh();
    this.applying = false;
    this.applied(epoch, seq, ackEv);
  }

  /** Whether a frame begins a new epoch, or belongs to the one that is shown. */
  private known(type: number, epoch: number): boolean {
    return type === Frame.Snap ? epoch > this.epoch : !!epoch && !this.broken;
  }

  private applied(epoch: number, seq: number, ackEv: number): void {
    const fresh = epoch !== this.epoch;
    if (fresh) this.broken = false;
    [this.epoch, this.seq, this.outbox.seen] = [epoch, seq, seq];
    this.connection.ack(this.number, seq);
    if (fresh) {
      this.attempts = 0;
      this.continues = true;
      this.goLive();
    }
    this.outbox.answered(ackEv);
  }

  /** A notice ends nothing. */
  private said(fault: Fault): void {
    if (fault.code === FaultCode.Notice) this.view.notify(fault.text);
    else this.fault(fault);
  }

  private resumed(r: Reader): void {
    const [, seq, ev] = [r.uint(), r.uint(), r.uint()];
    r.end();
    this.seq = seq;
    this.view.notify(""); // one that still holds comes again
    this.connection.send(plainFrame(Frame.Visible, this.number, +this.visible));
    if (this.epoch) this.goLive();
    this.outbox.resend(ev);
  }

  private goLive(): void {
    this.live = true;
    this.view.show(State.Ready);
  }

  private pixels(r: Reader): Apply {
    const node = this.tree.get(r.uint());
    if (node?.component !== Component.Canvas) return fail("pixels for what is not a canvas");
    const pixels = readPixels(r);
    return () => paint(node, pixels);
  }

  // What components ask of it.

  emit(node: VNode, event: number, ...fields: Field[]): number {
    if (this.ended || !(node.bound & (1 << event))) return 0;
    return this.outbox.push(node, event, fields);
  }

  busy(node: VNode): boolean {
    return this.outbox.busy(node);
  }

  release(node: VNode): void {
    if (node.dirty !== Infinity || this.outbox.waits(node)) return;
    node.dirty = 0;
    if (node.held) set(node, 0, node.held.value, this);
    node.held = undefined;
    this.refresh();
  }

  upload(node: VNode, event: number, file: File, fields: readonly Field[]): void {
    const ev = this.emit(node, event, ...fields);
    for (const [before, sent] of this.files) if (sent.node === node) this.files.delete(before);
    if (ev) this.files.set(ev, { node, file });
  }

  later(node: VNode): void {
    this.dirty.add(node);
  }

  asset(name: string): string {
    return `${this.base}assets/${this.ticket!.plugin}/${this.ticket!.version}/${name}`;
  }

  rules(node: VNode, css: string): void {
    let name = this.classes.get(node.el);
    if (!name) {
      this.classes.set(node.el, (name = newId()));
      node.el.classList.add(name);
    }
    this.view.rule(node.el, css && `.${name}{${css}}`);
  }

  // The rest.

  private refresh(): void {
    for (const node of this.dirty) if (!node.gone) node.refresh?.();
    this.dirty.clear();
  }

  /** Passes what a person did to the innermost component that answers it. */
  private heard(type: string, event: Event): void {
    // An element that goes while a frame is applied loses the focus; that is not the person's doing.
    if (!event.isTrusted || this.ended || this.applying) return;
    for (let el = event.target as Element | null; el && el !== this.view.body; el = el.parentElement) {
      const node = ownerOf(el);
      if (node && definitionOf(node).on?.[type]?.(node, event, this)) break;
    }
    this.refresh();
  }

  /** Sends a file. After a drop the server asks again; what is on its way is not sent twice. */
  private send({ ev, token }: { ev: number; token: string }): void {
    const sent = this.files.get(ev);
    if (!sent || sent.token === token) return;
    const { node, file } = sent;
    const picked = node.parts["picked"]!;
    const say = (part: number): void => {
      picked.textContent = part < 1 ? `${file.name} · ${Math.floor(part * 100)} %` : file.name;
    };
    sent.token = token;
    upload(`${this.base}upload`, token, file, say)
      .catch((e: unknown) => showError(node, e instanceof Error ? e.message : ""))
      .finally(() => {
        say(1);
        if (sent.token === token) this.files.delete(ev);
      });
  }

  /** Asks the host whether the person may still come in: a websocket does not tell why it is refused. */
  private async doubt(run: number): Promise<void> {
    const answer = await askTicket(this.base, this.place);
    if ("code" in answer && answer.code && run === this.run && !this.live) this.fault(answer);
  }

  private async ask(run: number): Promise<void> {
    const answer = await askTicket(this.base, this.place);
    if (run !== this.run) return;
    if ("code" in answer) return this.fault(answer);
    this.ticket = answer;
    this.view.title(answer.name);
    this.connection.add(this);
  }
}
