// Holds the page to the vectors of frames that the server is held to as well: what it reads of each, and what it writes.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test, type TestContext } from "node:test";
import { Component } from "../src/catalog.gen";
import { FaultCode, type Fault, Frame } from "../src/frames";
import { parts } from "../src/loaded";
import { makeMount, type Mount } from "../src/mount";
import { VNode } from "../src/node";
import { makeOutbox } from "../src/outbox";
import { type Connection, makeConnection } from "../src/socket";
import { begin, byte, Malformed, type Part, uint, write } from "../src/wire";
import { hex, TestPage, unhex } from "./page";

type Fields = Readonly<Record<string, unknown>>;
interface Vector { name: string; frame: string; fields: Fields }
interface Refused { name: string; type: string; hex: string }

const read = (path: string): unknown => JSON.parse(readFileSync(`../abi/testdata/${path}`, "utf8"));
const vectors = ["protocol", "compact"].flatMap((folder) => (read(`${folder}/frames.json`) as { frames: Vector[] }).frames);
const { refused } = read("frames.json") as { refused: Refused[] };
const frameOf = (name: string): string => vectors.find((v) => v.name === name)!.frame;

/** The newest socket that was made; the test is its server. */
class Socket {
  static last: Socket;
  static made = 0;
  readonly sent: string[] = [];
  closed = false;
  onopen?: () => void;
  onmessage?: (event: { data: ArrayBuffer }) => void;
  constructor() {
    Socket.last = this;
    Socket.made++;
  }
  send(frame: Uint8Array): void {
    this.sent.push(hex(frame));
  }
  close(): void {
    this.closed = true;
  }
  feed(frame: string): void {
    this.onmessage!({ data: unhex(frame).buffer as ArrayBuffer });
  }
}

/** A connection that is greeted, with mounts that note what they hear. */
function greeted(t: TestContext, points: readonly (readonly number[])[]): { connection: Connection; heard: unknown[] } {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  Object.assign(globalThis, { WebSocket: Socket });
  Object.assign(document, { addEventListener: () => undefined });
  const connection = makeConnection("ws://127.0.0.1/", "0102030405060708");
  const heard: unknown[] = [];
  for (const point of points) {
    connection.add({
      number: point[0]!, point: () => point, receive: () => undefined, ready: () => undefined,
      lost: (times) => void heard.push(["lost", times]),
      fault: (f) => void heard.push({ mount: point[0], ...f }),
    });
  }
  Socket.last.onopen!();
  Socket.last.feed(frameOf("HELLO"));
  return { connection, heard };
}

const one = [[1, 1, 9]];

/** What the page does with each frame, or how it comes to write it: by name. */
const cases: Record<string, (t: TestContext, v: Vector) => void | Promise<void>> = {
  HELLO(t) {
    const { connection, heard } = greeted(t, one);
    assert.ok(connection.isOpen);
    assert.deepEqual(heard, []);
  },
  "CLIENT HELLO"(t, v) {
    greeted(t, one);
    assert.equal(Socket.last.sent[0], v.frame);
  },
  RESUME(t, v) {
    greeted(t, v.fields["mounts"] as number[][]);
    Socket.last.feed(frameOf("BYE"));
    t.mock.timers.tick(60_000);
    Socket.last.onopen!();
    assert.deepEqual(Socket.last.sent, [frameOf("CLIENT HELLO"), v.frame]);
  },
  BYE(t, { frame, fields }) {
    const { connection, heard } = greeted(t, one);
    const { made } = Socket;
    Socket.last.feed(frame);
    assert.ok(Socket.last.closed && !connection.isOpen);
    assert.deepEqual(heard, [["lost", 1]]);
    t.mock.timers.tick(fields["retry"] as number);
    assert.equal(Socket.made, made, "came back too early");
    t.mock.timers.tick(1000);
    assert.equal(Socket.made, made + 1);
  },
  PING: (t, v) => pinged(t, v.frame),
  PONG: (t) => pinged(t, frameOf("PING")),
  async ACK(t, { frame, fields }) {
    const { connection } = greeted(t, one);
    t.mock.timers.reset();
    connection.ack(fields["mount"] as number, 199);
    connection.ack(fields["mount"] as number, fields["seq"] as number);
    await new Promise((then) => setTimeout(then));
    assert.equal(Socket.last.sent.at(-1), frame);
  },
  UNMOUNT(t, v) {
    const { connection } = greeted(t, [[1], [2]]);
    connection.remove([...connection.shown][0]!);
    assert.equal(Socket.last.sent.at(-1), v.frame);
  },
  FAULT: faulty,
  "FAULT that ends nothing": faulty,
  "FAULT of the connection"(t, { frame, fields }) {
    const { heard } = greeted(t, [[1], [2]]);
    Socket.last.feed(frame);
    assert.deepEqual(heard, [1, 2].map((mount) => ({ ...fields, mount })));
    assert.ok(Socket.last.closed);
  },
  MOUNT(_, { frame, fields }) {
    const sent: string[] = [];
    const connection = { isOpen: true, number: () => fields["mount"], add: (m: Mount) => m.ready(), remove: () => undefined, send: (...all: Part[]) => void sent.push(hex(write(...all))) };
    const host = document.createElement("div");
    host.setAttribute("ticket", JSON.stringify({ ticket: fields["ticket"], plugin: "p", name: "P", version: "1.0.0" }));
    makeMount(host, "http://127.0.0.1/vitrine/", "here", connection as unknown as Connection, new TestPage().view);
    assert.deepEqual(sent, [frame]);
  },
  EVENT: (_, v) => sends(v, Component.Canvas),
  "EVENT with text": (_, v) => sends(v, Component.Textfield),
  RESUMED(_, { frame, fields }) {
    const page = new TestPage();
    assert.equal(page.receive(unhex(frame)), "");
    assert.equal(page.mount.seq, fields["seq"]);
    page.end();
  },
  VISIBLE: (_, v) => writes(v, (page) => page.mount.see(v.fields["visible"] as boolean)),
  CANCEL: (_, v) => writes(v, (page) => page.mount.say(Frame.Cancel, v.fields["ev"] as number)),
  NAK: (_, v) => writes(v, (page) => {
    const { epoch, seq } = v.fields as { epoch: number; seq: number };
    page.mount.seq = seq - 1;
    assert.equal(page.receive(write(Frame.Snap, 1, epoch, seq, 0, unhex("09010106616263"))), "");
    page.sent.length = 0;
    assert.notEqual(page.receive(write(Frame.Patch, 1, seq + 1, 0, 255)), "");
  }),
  UPLOAD(t, { frame, fields }) {
    const page = new TestPage();
    const given: unknown[] = [];
    const { deliver } = parts;
    t.after(() => Object.assign(parts, { deliver }));
    parts.deliver = (...all) => void given.push(...all);
    assert.equal(page.receive(unhex(frame)), "");
    assert.deepEqual(given, [page.mount, fields["ev"], fields["token"], "http://127.0.0.1/vitrine/upload"]);
    page.end();
  },
  "FX focus": (_, v) => assert.deepEqual(asked(v.frame), [v.fields["node"]]),
  "FX scroll": (_, v) => assert.deepEqual(asked(v.frame), [v.fields["node"]]),
  "FX announce": (_, v) => assert.equal(done(v.frame).view.said[1]!.textContent, v.fields["text"]),
  "FX toast"(_, { frame, fields }) {
    const toast = done(frame).view.said[2]!.lastElementChild!;
    assert.deepEqual([toast.querySelector("span")!.textContent, toast.getAttribute("data-tone")], [fields["text"], ["", "good", "warning", "danger"][fields["tone"] as number]]);
  },
  "FX open"(_, { frame, fields }) {
    const opened: unknown[] = [];
    Object.assign(globalThis, { open: (...all: unknown[]) => opened.push(all) });
    done(frame);
    assert.deepEqual(opened, [[fields["text"], "_blank", "noopener,noreferrer"]]);
  },
  "FX copy"(_, { frame, fields }) {
    const copied: unknown[] = [];
    Object.defineProperty(globalThis, "navigator", { configurable: true, value: { clipboard: { writeText: (words: string) => (copied.push(words), Promise.resolve()) } } });
    done(frame);
    assert.deepEqual(copied, [fields["text"]]);
  },
  "FX download"(_, { frame, fields }) {
    const fetched: unknown[] = [];
    done(frame, () => (globalThis.fetch = (to, init) => (fetched.push(to, String(init?.body)), Promise.reject(new Error("away")))));
    assert.deepEqual(fetched, ["http://127.0.0.1/vitrine/download", `token=${String(fields["token"])}`]);
  },
};

function pinged(t: TestContext, ping: string): void {
  greeted(t, one);
  Socket.last.feed(ping);
  assert.equal(Socket.last.sent.at(-1), frameOf("PONG"));
}

function faulty(t: TestContext, { frame, fields }: Vector): void {
  const { heard } = greeted(t, [[fields["mount"] as number], [9]]);
  Socket.last.feed(frame);
  assert.deepEqual(heard, [fields]);
}

/** An event of a component is written as the vector says. */
function sends({ frame, fields }: Vector, kind: Component): void {
  const { mount, ev, node, event, seen, values } = fields as { mount: number; ev: number; node: number; event: number; seen: number; values: (string | number)[] };
  const sent: string[] = [];
  const box = makeOutbox((...all) => void sent.push(hex(write(Frame.Event, mount, ...all))), () => undefined);
  Object.assign(box, { last: ev - 1, seen });
  box.push(new VNode(node, kind, undefined), event, values);
  assert.deepEqual(sent, [frame]);
}

function writes({ frame }: Vector, act: (page: TestPage) => void): void {
  const page = new TestPage();
  act(page);
  assert.equal(hex(page.sent.at(-1)!), frame);
  page.end();
}

/** Reads an FX; answers what it does. */
function effect(frame: Uint8Array, page: TestPage, get: (id: number) => VNode | undefined): () => void {
  begin(frame);
  if (byte() !== Frame.Effect || uint() !== 1) throw new Malformed("another frame");
  uint();
  return parts.effect!(page.mount, get, "http://127.0.0.1/vitrine/");
}

function asked(frame: string): number[] {
  const ids: number[] = [];
  const page = new TestPage();
  effect(unhex(frame), page, (id) => (ids.push(id), new VNode(id, Component.Box, undefined)));
  page.end();
  return ids;
}

function done(frame: string, before?: () => void): TestPage {
  const page = new TestPage();
  before?.();
  effect(unhex(frame), page, () => undefined)();
  page.end();
  return page;
}

for (const v of vectors) test(`the frame ${v.name}`, (t) => cases[v.name]!(t, v));

/** What a page reads as a whole, of its connection; the rest is of a mount. */
const ofConnection = /^(Hello|Fault|Bye)$/;
const toPage = /^(Hello|Snap|Patch|Fault|Resumed|Bye|Pixels|Upload|Effect|PageCall|Refused|Taken)$/;

for (const v of refused.filter(({ type, name }) => toPage.test(type) && !name.endsWith("another type"))) {
  test(`refused: ${v.name}`, (t) => {
    if (ofConnection.test(v.type)) {
      const { heard } = greeted(t, one);
      Socket.last.feed(v.hex);
      assert.equal((heard[0] as Fault | undefined)?.code, FaultCode.Protocol);
      return;
    }
    const page = new TestPage();
    if (v.type === "Effect") {
      assert.throws(() => {
        effect(unhex(v.hex), page, (id) => new VNode(id, Component.Box, undefined));
      }, Malformed);
    } else {
      const wrong = page.receive(unhex(v.hex));
      assert.ok(wrong && !wrong.includes("props of the page"), wrong); // which is what a REFUSED says that is whole
    }
    page.end();
  });
}
