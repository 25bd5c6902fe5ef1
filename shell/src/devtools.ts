import css from "./devtools.css";
import { attr } from "./dom";
import { h, makeView } from "./frame";
import { FaultCode, Frame } from "./frames";
import type { Mount } from "./mount";
import { names } from "./names.gen";
import type { Owned, VNode } from "./node";
import { called, harmless, numbers, read, type Recorded, type Recording, said, written } from "./record";
import type { Connection } from "./socket";

/** What the developers' tools look into. */
export interface Inside { connection: Connection; sheet: CSSStyleSheet; base: string; mount: typeof import("./mount") }

/** What a log keeps: beyond this it ends, so that it is whole from its beginning. */
const maxLog = 20_000;
const maxBytes = 32 << 20;
/** The lines that are shown, the newest. */
const maxShown = 300;
const maxNodes = 2000;
const maxDelay = 5000;
/** Of what a frame says as text so many characters are shown. */
const maxSaid = 300;
const maxName = 64;
const maxWords = 2048;

const percentile = (sorted: readonly number[], p: number): string => (sorted.length ? `${sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))]!.toFixed(0)} ms` : "–");
const amount = (bytes: number): string => (bytes < 10_000 ? `${bytes} B` : `${(bytes / 1000).toFixed(1)} kB`);

/** A mount without a server: a recording tells it what to show. It looks as it would in the page. */
function stage(inside: Inside, into: HTMLElement, number: number, name: string): Mount {
  const connection = { isOpen: true, number: () => number, add() {}, remove() {}, send() {}, ack() {} };
  const box = h("div", "");
  into.append(h("div", "stage", box));
  const view = makeView(box.attachShadow({ mode: "closed" }), inside.sheet, () => undefined);
  const mount = inside.mount.makeMount(document.createElement("div"), inside.base, "", connection as unknown as Connection, view, true);
  view.call((mount.title = name));
  return mount;
}

/** Has a mount end as the recorded one did. It asks for nothing anew. */
function stop({ text, uint }: Inside["mount"], mount: Mount): void {
  const [code] = [uint(), uint()];
  const words = text(maxWords);
  if (code === FaultCode.Gone || code === FaultCode.Ticket) mount.stop();
  else mount.fault({ code, retry: 0, text: words });
}

/** Shows what a recording showed, at once or in its own time. */
function replay(inside: Inside, into: HTMLElement, { log, plugins }: Recording, pace: number): void {
  const mounts = new Map<number, Mount>();
  into.replaceChildren();
  attr(into, "hidden", false);
  const root = into.getRootNode() as ShadowRoot;
  const page = new CSSStyleSheet();
  page.replaceSync(`.stage { font: ${getComputedStyle(document.body).font}; color-scheme: ${getComputedStyle(document.documentElement).colorScheme} }`);
  root.adoptedStyleSheets = [root.adoptedStyleSheets[0]!, page];
  for (const { ms, sent, frame } of log) {
    const type = frame[0]!;
    const [number] = numbers(frame, 1) as [number];
    if (sent || !number || ![Frame.Snap, Frame.Patch, Frame.Pixels, Frame.Fault].includes(type)) continue;
    setTimeout(() => {
      let mount = mounts.get(number);
      if (!mount) mounts.set(number, (mount = stage(inside, into, number, (plugins.get(number) ?? "Plugin").slice(0, maxName))));
      const body = frame.subarray(1 + frame.subarray(1).findIndex((b) => b < 128) + 1);
      inside.mount.within(body, () => (type === Frame.Fault ? stop(inside.mount, mount!) : mount!.receive(type)));
    }, ms * pace);
  }
}

/** The frames of a page, whole from the beginning, with what can be counted of them. */
class Log {
  readonly all: Recorded[] = [];
  readonly times: number[] = [];
  /** What plugins are called, by the numbers of their mounts. */
  readonly plugins = new Map<number, string>();
  bytes = [0, 0];
  count = [0, 0];
  full = false;
  private kept = 0;
  private readonly since = performance.now();
  private readonly made = new Map<string, number>();

  add(sent: boolean, frame: Uint8Array): void {
    const now = performance.now();
    this.bytes[+sent]! += frame.length;
    this.count[+sent]!++;
    this.full ||= this.all.length >= maxLog || (this.kept += frame.length) > maxBytes;
    if (!this.full) this.all.push({ ms: now - this.since, sent, frame: frame.slice() });
    this.time(sent, frame, now);
  }

  /** From an event to the frame that answers it. */
  private time(sent: boolean, frame: Uint8Array, now: number): void {
    const type = frame[0];
    const [mount, ev, ack, snapAck] = numbers(frame, 4);
    if (sent && type === Frame.Event && !this.made.has(`${mount} ${ev}`)) this.made.set(`${mount} ${ev}`, now);
    if (sent || (type !== Frame.Patch && type !== Frame.Snap)) return;
    for (const [key, at] of this.made) {
      const [of, number] = key.split(" ").map(Number);
      if (of !== mount || number! > (type === Frame.Snap ? snapAck! : ack!)) continue;
      this.made.delete(key);
      this.times.push(now - at);
    }
  }
}

/** Holds frames back, each way in order. */
class Delay {
  ms = 0;
  private readonly due = [0, 0];

  pass(sent: boolean, go: () => void): void {
    const now = performance.now();
    const at = (this.due[+sent] = Math.max(this.due[+sent]!, now + this.ms / 2));
    if (at <= now) go();
    else setTimeout(go, at - now);
  }
}

function treeOf(inside: Inside): HTMLElement[] {
  const lines: HTMLElement[] = [];
  for (const mount of inside.connection.shown as Iterable<Mount>) {
    lines.push(h("p", "node", `mount ${mount.number} · ${mount.title}`));
    for (const el of mount.view.body.querySelectorAll<Owned>("*")) {
      inside.mount.ownerOf(el);
      const node = el.owner as VNode | undefined;
      if (!node || lines.length > maxNodes) continue;
      let depth = 1;
      for (let up = node.up; up; up = up.up) depth++;
      const [name, props, events] = names[node.kind]!;
      const values = node.vals.flatMap((value, n) => (value === undefined ? [] : [`${props[n]}=${value instanceof Uint8Array ? `${value.length} bytes` : JSON.stringify(value)}`]));
      const bound = events.filter((_, n) => node.bound & (1 << n)).map((event) => `on ${event}`);
      lines.push(h("p", "node", `${"  ".repeat(depth)}${node.id} ${name} ${[...values, ...bound].join(" ").slice(0, 200)}`));
    }
  }
  return lines;
}

const ofConnection: readonly number[] = [Frame.Hello, Frame.Ping, Frame.Bye, Frame.ClientHello, Frame.Resume, Frame.Pong];

/** The newest frames, as a recording has them: whoever looks over the person's shoulder learns no secret. */
function framesOf({ all }: Log): HTMLElement[] {
  return all.slice(-maxShown).toReversed().map(({ ms, sent, frame }) => {
    const mount = ofConnection.includes(frame[0]!) ? "" : `m${numbers(frame, 1)[0] ?? ""}`;
    const words = said(frame);
    const bytes = Array.from(harmless(frame.subarray(0, 48)), (b) => b.toString(16).padStart(2, "0")).join(" ");
    const line = h("p", sent ? "page" : "", ...[`${(ms / 1000).toFixed(3)}`, sent ? "↑" : "↓", called[frame[0]!] ?? "?", mount, amount(frame.length)].map((words) => h("span", "", words)), h("span", words ? "said" : "hex", words.slice(0, maxSaid) || bytes));
    return line;
  });
}

const press = (words: string, then: (el: HTMLElement) => void): HTMLElement => {
  const el = h("button", "", words);
  attr(el, "type", "button");
  el.addEventListener("click", () => then(el));
  return el;
};

function save(name: string, text: string): void {
  const a = document.createElement("a");
  a.download = name;
  a.href = URL.createObjectURL(new Blob([text], { type: "application/jsonl" }));
  a.click();
  setTimeout(() => URL.revokeObjectURL(a.href), 1000);
}

/** Puts the developers' tools below the page: what goes over its connection, the trees, bytes, times; delay, record, replay. */
export function devtools(inside: Inside): void {
  const log = new Log();
  const delay = new Delay();
  inside.connection.spy = (sent, data, go) => {
    const frame = new Uint8Array(data);
    log.add(sent, frame);
    for (const { number, title } of frame[0] === Frame.Mount ? (inside.connection.shown as Iterable<Mount>) : []) if (number) log.plugins.set(number, title);
    delay.pass(sent, go);
  };
  const root = document.body.appendChild(document.createElement("div")).attachShadow({ mode: "closed" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  root.adoptedStyleSheets = [sheet];
  const [view, replayed, figures] = [h("div", "view"), h("div", "replayed"), h("output", "")];
  attr(view, "tabindex", 0);
  attr(view, "role", "region");
  let shown = "";
  const tabs = ["Frames", "Tree"].map((name) => press(name, () => {
    shown = shown === name ? "" : name;
    for (const tab of tabs) attr(tab, "aria-pressed", String(tab.textContent === shown));
    attr(view, "aria-label", shown);
    attr(view, "hidden", !shown);
    draw(true);
  }));
  const wait = document.createElement("input");
  for (const [name, value] of [["type", "number"], ["min", 0], ["max", maxDelay], ["step", 50], ["value", 0]] as const) attr(wait, name, value);
  wait.addEventListener("input", () => (delay.ms = Math.max(0, Math.min(maxDelay, wait.valueAsNumber || 0))));
  const picked = document.createElement("input");
  attr(picked, "type", "file");
  picked.addEventListener("change", async () => {
    try {
      replay(inside, replayed, read(await picked.files![0]!.text(), inside.connection.hash), 1);
    } catch (e) {
      attr(replayed, "hidden", false);
      replayed.replaceChildren(h("p", "", (e as Error).message));
    }
    picked.value = "";
  });
  let drawn = -1;
  const draw = (now = false): void => {
    const count = log.count[0]! + log.count[1]!;
    if (count === drawn && !now) return;
    drawn = count;
    const sorted = log.times.toSorted((a, b) => a - b);
    figures.textContent = `↓ ${log.count[0]} frames, ${amount(log.bytes[0]!)} · ↑ ${log.count[1]}, ${amount(log.bytes[1]!)} · event to answer: p50 ${percentile(sorted, 0.5)}, p95 ${percentile(sorted, 0.95)}, n ${sorted.length}${log.full ? " · the log is full" : ""}`;
    if (shown) view.replaceChildren(...(shown === "Tree" ? treeOf(inside) : framesOf(log)));
  };
  const keep = press("Save recording", () => save("vitrine.jsonl", written(inside.connection.hash, { log: log.all, plugins: log.plugins })));
  const panel = h("aside", "panel", replayed, h("div", "bar", h("b", "", "Vitrine"), ...tabs, h("label", "", "Delay ", wait, " ms"),
    keep, h("label", "file", "Replay…", picked), figures), view);
  attr(keep, "title", "What the plugin shows, what the page gives it and what people type is in it; tickets and secrets are not.");
  attr(panel, "aria-label", "Vitrine developer tools");
  for (const el of [view, replayed]) attr(el, "hidden", true);
  root.append(panel);
  setInterval(draw, 250);
  draw(true);
}
