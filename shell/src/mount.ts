import { Component } from "./catalog.gen";
import { entryOf, ownerOf, set } from "./build";
import { fault, type Fault, FaultCode, Frame } from "./frames";
import { State, type View } from "./frame";
import { isGone, onDrop, type Owned, type Page, type VNode } from "./node";
import { makeOutbox, type Outbox } from "./outbox";
import { loader, parts } from "./loaded";
import { type Connection, makeConnection, type Mounted } from "./socket";
import { fill } from "./table";
import { type Apply, makeTree, wants } from "./tree";
import { begin, bytes, end, fail, left, Malformed, text, uint, within } from "./wire";

export * from "./core";

/** What the host answers when the page asks for a ticket. */
interface Ticket { ticket: string; plugin: string; name: string; version: string; error?: unknown }

/** What a person does that components hear of. Some do not bubble: all are caught on their way down. */
const heard = "click input change keydown compositionend focusout toggle cancel".split(" ");
/** When to ask again for a ticket while the network or the host is away, in ms at most; and when after that. */
const delays = [0, 1000, 3000, 10_000];
const later = 15_000;
/** After so many vain attempts to connect the host is asked whether there is a reason. */
const doubtAfter = 4;
/** How long what a person did is a reason for what comes above the page, in ms. */
const recently = 5000;
/** How long an event is a reason for effects, in ms, and of how many events the time is known. */
const forgotten = 10_000;
const mostMade = 2000;
const maxToken = 128;
/** How long after a plugin is shown what a drop may need is loaded, in ms. */
const idle = 3000;

/** A plugin at a place of the page: asks for it, shows what it renders, tells it what the person does. */
export interface Mount extends Mounted, Page {
  /** The last frame that was applied. */
  seq: number;
  /** Ends it; it leaves nothing behind. */
  stop(): void;
  /** The page has set other props. */
  tell(): void;
  /** Says whether it can be seen; the server sends nothing to what cannot. */
  see(visible: boolean): void;
}

/** What all plugins of a page share: the tables, which catalog.txt has, and the connection. */
export function open(base: string, tables: string): Connection {
  const at = tables.indexOf("\n");
  fill(tables.slice(at + 1));
  return makeConnection(`${base.replace(/^http/, "ws")}socket`, tables.slice(0, at));
}

/** Shows the plugin at a place. What a recording says is replayed: there is nobody to ask for a ticket, and it answers events that this mount has not made. */
export function makeMount(host: HTMLElement, base: string, place: string, connection: Connection, view: View, replayed?: boolean): Mount {
  let epoch: number;
  /** That of the frame which is read. */
  let tried: number;
  /** What is shown cannot be continued. */
  let broken: boolean;
  let ticket: Ticket | undefined;
  let live: boolean;
  let ended: boolean;
  let applying = false;
  let shown = true;
  /** Frames that came while parts are on their way for the one before them. */
  let held: (readonly [type: number, body: Uint8Array])[] | undefined;
  let outbox: Outbox;
  /** When each event was made. */
  let made: number[];
  let run = 0;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let attempts = 0;
  let acted = -Infinity;
  /** Whether the person has entered something, and whether that was lost with the plugin. */
  let entered = false;
  let gone = false;
  const dirty = new Set<VNode>();
  /** The rules of the mount's own sheet, by whose they are. */
  const rules = new Map<VNode, string>();
  const deaf = new AbortController();

  const state = (is: State, error?: string): void => {
    view.show(host, is, error);
    if (is === State.Fault || is === State.Loading) notify("");
  };

  // Notices are rare: what shows them is loaded with the first.
  const notify = (words: string): void => {
    if (parts.notify) parts.notify(mount, words);
    else if (words) void loader.part("effects").then(() => parts.notify!(mount, words));
  };

  const goLive = (): void => {
    live = true;
    state(State.Ready);
    // What continues after a drop is there before it is needed, and of this version.
    if (!parts.morph) setTimeout(() => void loader.part("morph").catch(() => undefined), idle);
  };

  /** Asks for the plugin, for the first time or anew. */
  const start = (): void => {
    live = ended = broken = false;
    held = ticket = undefined;
    mount.number = mount.seq = epoch = 0;
    made = [];
    outbox = makeOutbox((...frame) => {
      const [ev] = frame;
      made[ev] ??= performance.now();
      delete made[ev - mostMade];
      if (live) mount.say(Frame.Event, ...frame);
    }, () => notify("The plugin does not answer. What you did last was not sent."));
    clearTimeout(retry);
    state(State.Loading);
    run++;
    const given = host.getAttribute("ticket");
    host.removeAttribute("ticket"); // it works once
    if (replayed) outbox.last = Infinity;
    else if (given) take(JSON.parse(given) as Ticket);
    else void ask(run);
  };

  const ask = async (is: number): Promise<void> => {
    const answer = await askTicket(is);
    if (is !== run) return;
    if ("code" in answer) return mount.fault(answer);
    take(answer);
  };

  const take = (answer: Ticket): void => {
    ticket = answer;
    view.call((mount.title = answer.name));
    connection.add(mount);
  };

  /** Asks for a ticket to show what is bound to the place. The answer may be a refusal, in words for the person; its code is 0 if nobody answered. */
  const askTicket = async (is: number): Promise<Ticket | Fault> => {
    for (const delay of delays) {
      await new Promise((then) => setTimeout(then, delay * (0.5 + Math.random() / 2)));
      if (is !== run) break;
      const answer = await fetch(`${base}tickets`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ place }) }).catch(() => undefined);
      const body = (await answer?.json().catch(() => undefined)) as Ticket | undefined;
      if (answer?.ok && body) return body;
      const retry = Number(answer?.headers.get("Retry-After")) * 1000;
      // What stands before the host while that is started anew gives no reason.
      if (answer && (answer.status < 500 || body?.error || retry)) return fault(FaultCode.Unavailable, String(body?.error ?? `The plugin cannot be shown (${answer.status}).`), retry);
    }
    return fault(0 as FaultCode, "The server cannot be reached.", later);
  };

  /** Reads a frame, or what is left of it. */
  const safely = (read: () => void): void => {
    tried = epoch;
    try {
      read();
    } catch (e) {
      if (!(e instanceof Malformed)) throw e;
      console.error(`vitrine: ${e.message}`);
      // Nothing of a faulty frame was applied; the server is asked for the whole tree, until it gives up.
      if (!broken || tried > epoch) mount.say(Frame.Nak, Math.max(tried, epoch), mount.seq);
      broken = true;
    }
  };

  /** Does something as soon as some parts are there, at once if they are; what comes in the meantime is held. */
  const when = (names: readonly string[], then: () => void): void => {
    if (!names[0]) return then();
    const loading = Array.from(new Set(names), (name) => loader.part(name));
    const mine: typeof held = (held = []);
    void Promise.all(loading).then(() => {
      if (held !== mine) return;
      held = undefined;
      safely(then);
      for (const [type, body] of mine) {
        begin(body);
        mount.receive(type);
      }
    }, () => held === mine && mount.fault(fault(FaultCode.Unavailable, "A part of this page cannot be loaded.", later)));
  };

  const apply = (then: Apply): void => {
    applying = true;
    try {
      then();
      settle();
    } finally {
      applying = false;
    }
  };

  const ruled = (): void => view.rules.replaceSync([...rules].map(([{ el }, css]) => css && `:where(#${el.id}){${css}}`).join(""));

  const settle = (): void => {
    if (dirty.size) for (const node of dirty) {
      dirty.delete(node);
      if (!isGone(node)) entryOf(node).does.after?.(node, mount);
    }
  };

  const read = (type: number): void => {
    if (type === Frame.Resumed) return resumed();
    if (type >= Frame.Call && type <= Frame.Taken) return call(type);
    const snap = type === Frame.Snap;
    const pixels = type === Frame.Pixels;
    const next = snap ? uint() : epoch;
    // After a faulty frame nothing counts but the whole tree.
    if (broken && next <= epoch) return;
    tried = next;
    const first = uint();
    if (type === Frame.Upload) return give(first);
    if (type === Frame.Effect) return effect(first);
    if (!snap && !pixels && type !== Frame.Patch) fail("no such frame");
    const ackEv = uint();
    if ((snap ? next <= epoch : !next) || (!broken && first !== mount.seq + 1)) fail("a frame is missing");
    if (ackEv > outbox.last) fail("no such event");
    const painted = pixels && (tree.get(uint()) ?? fail("no node"));
    if (painted && painted.kind !== Component.Canvas) fail("no canvas");
    const then = snap ? tree.snap(ackEv, epoch) : painted ? parts.pixels!(painted) : tree.patch(ackEv);
    if (painted || !wants[0]) applied(then, next, first, ackEv);
    else when(wants, () => applied(then, next, first, ackEv));
  };

  const applied = (then: Apply, next: number, seq: number, ackEv: number): void => {
    const anew = next !== epoch;
    // What waits is of nodes as they are called now: the server knows what they are called then. What applying brings about is of those that come.
    if (anew) outbox.flush();
    epoch = next;
    outbox.seen = seq;
    apply(then);
    connection.ack(mount.number, (mount.seq = seq));
    if (anew) {
      const first = !live;
      broken = false;
      attempts = 0;
      goLive();
      if (first) outbox.resend(ackEv);
      if (gone) notify("The plugin was started anew. What you had entered may be gone.");
      gone = false;
    }
    outbox.answered(ackEv);
  };

  /** Does what follows from something that the person did not long ago. */
  const effect = (ev: number): void => {
    const rest = bytes(left());
    if (!(performance.now() - made[ev]! < forgotten)) return;
    when(parts.effect ? [] : ["effects"], () => within(rest, () => apply(parts.effect!(mount, tree.get, base))));
  };

  /** The plugin wants something of the page itself. */
  const call = (type: number): void => {
    const rest = bytes(left());
    when(parts.called ? [] : ["page"], () => within(rest, () => parts.called!(mount, type)));
  };

  /** The server wants the file that an event has announced. */
  const give = (ev: number): void => {
    const token = text(maxToken);
    end();
    parts.deliver?.(mount, ev, token, `${base}upload`);
  };

  const resumed = (): void => {
    uint(); // the epoch
    const [seq, ev] = [uint(), uint()];
    end();
    mount.seq = seq;
    notify(""); // one that still holds comes again
    mount.say(Frame.Visible, +shown);
    if (epoch) goLive();
    outbox.resend(ev);
    parts.again?.(mount);
  };

  /** Passes what a person did to the innermost component that answers it. */
  const hear = (event: Event): void => {
    // An element that goes while a frame is applied loses the focus; that is not the person's doing.
    if (!event.isTrusted || ended || applying) return;
    if (/click|keydown|change/.test(event.type)) acted = performance.now();
    const around: Owned[] = [];
    for (let el = event.target as Owned | null; el && el !== view.body; el = el.parentElement as Owned | null) around.push(el);
    around.forEach(ownerOf); // rows make their nodes
    around.some((el) => {
      const node = el.owner as VNode | undefined;
      return node && node.el === el && (entryOf(node).does.on?.(node, event, mount) || did(node, event));
    });
    settle();
  };

  /** What the table says of a component's events; true when the event is dealt with. */
  const did = (node: VNode, event: Event): boolean | void => {
    const { on, off } = entryOf(node);
    const { type, target } = event;
    const { key } = event as KeyboardEvent;
    const pressed = on["press"] !== undefined;
    if (off >= 0 && node.vals[off]) return type === "click";
    if ((key === "Enter" || key === " ") && pressed && target === node.el && node.bound & 1) {
      event.preventDefault();
      mount.emit(node, 0);
      return true;
    }
    const number = on[type === "click" && pressed ? "press" : type];
    if (number === undefined) return;
    mount.emit(node, number);
    return !pressed || !!(node.bound & 1);
  };

  const mount: Mount = {
    number: 0,
    seq: 0,
    title: "Plugin",
    host,
    view,
    recent: () => performance.now() - acted < recently,
    anew() {
      if (!ended) connection.remove(mount);
      start();
    },
    stop() {
      ended = true;
      run++;
      clearTimeout(retry);
      connection.remove(mount);
      tree.end();
      deaf.abort();
    },
    tell: () => void loader.part("page").then(() => parts.tell!(mount)),
    see(visible) {
      if (visible !== shown && mount.number) mount.say(Frame.Visible, +visible);
      shown = visible;
    },

    // What a connection asks of it.

    point: () => (broken ? [mount.number, 0, 0] : [mount.number, epoch, mount.seq]),
    ready() {
      if (!ticket || mount.number || !connection.isOpen) return;
      // What the page sets is there before the plugin is rendered.
      if ((host as { props?: unknown }).props && !parts.opening) return when(["page"], mount.ready);
      mount.number = connection.number();
      mount.say(Frame.Mount, +shown, ticket.ticket, ...(parts.opening?.(mount) ?? []));
    },
    lost(times) {
      live = false;
      // What was held is lost; what it was to change has been read in part.
      broken ||= !!held && epoch > 0;
      held = undefined;
      if (times === doubtAfter) void askTicket(run).then((answer) => "code" in answer && answer.code && !live && mount.fault(answer));
      if (!ended) state(tree.root ? State.Lost : State.Loading);
    },
    fault(f) {
      if (f.code === FaultCode.Notice) return notify(f.text); // ends nothing
      live = false;
      held = undefined;
      if (f.code === FaultCode.Gone || (f.code === FaultCode.Ticket && attempts++ < 2)) {
        gone ||= entered;
        entered = false;
        return start();
      }
      connection.remove(mount);
      ended = true;
      state(State.Fault, f.text);
      if (f.retry) retry = setTimeout(start, f.retry);
    },
    receive(type) {
      if (held) {
        held.push([type, bytes(left())]);
        return;
      }
      safely(() => read(type));
    },

    // What components ask of it.

    // What is shown while the plugin is asked for anew is nobody's any more; a field in it tells what was typed when it loses the focus.
    emit: (node, event, ...fields) => (ended || !epoch || !(node.bound & (1 << event)) ? 0 : outbox.push(node, event, fields)),
    busy: (node) => outbox.busy(node),
    unasked: (ev) => void (made[ev] = -Infinity),
    release(node) {
      if (node.dirty !== Infinity || outbox.waits(node)) return;
      const was = node.held;
      node.dirty = 0;
      node.held = undefined;
      if (was) set(node, 0, was[0], mount);
      settle();
    },
    enter(node, value, event) {
      node.vals[0] = value;
      entered = true;
      node.dirty = Infinity; // newer than anything that the server knows
      if (event !== undefined) mount.emit(node, event, value);
    },
    say: (type, ...rest) => connection.send(type, mount.number, ...rest),
    later: (node) => void dirty.add(node),
    asset: (name) => `${base}assets/${ticket?.plugin}/${ticket?.version}/${name}`,
    rule(node, css) {
      const known = rules.get(node);
      if ((known ?? "") === css) return; // a new sheet has every style computed anew
      if (known === undefined) onDrop(node, () => rules.delete(node) && ruled());
      node.el.id ||= `r${node.id}-${epoch}`;
      rules.set(node, css);
      ruled();
    },
  };
  const tree = makeTree(mount, (root) => view.body.replaceChildren(root));
  for (const type of heard) view.body.addEventListener(type, hear, { capture: true, signal: deaf.signal });
  start();
  return mount;
}
