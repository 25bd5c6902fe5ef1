// A page with one plugin whose server is the test itself: it feeds frames and sees what is sent.
import { createServer } from "node:http";
import { readdirSync, readFileSync } from "node:fs";

const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; " +
  "base-uri 'none'; frame-ancestors 'self'; require-trusted-types-for 'script'; trusted-types 'none'";

const page = `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Fixture</title><link rel="stylesheet" href="/page.css"><script type="module" src="/vitrine/vitrine.js"></script></head>
<body><main><h1>Fixture</h1><vitrine-plugin place="here"></vitrine-plugin></main></body></html>`;

const sheet = `:root{color-scheme:light dark;font-family:system-ui,sans-serif}
body{margin:0;padding:16px;background:light-dark(#f2f3f6,#0d0e11)}main{max-width:60rem;margin:auto}h1{font-size:1rem}`;

const types = { js: "text/javascript", css: "text/css", svg: "image/svg+xml", txt: "text/plain; charset=utf-8" };

const dist = (name) => readFileSync(new URL(`../../shell/dist/${name}`, import.meta.url));

/** Takes an upload, as the host does. */
async function receive(request, response, uploads) {
  const parts = [];
  for await (const part of request) parts.push(part);
  uploads.push({ token: request.headers["vitrine-upload"], bytes: Buffer.concat(parts).toString() });
  response.writeHead(204).end();
}

/** Serves the page, with more headers if they are given; answers tickets. Returns its address and a way to stop it. */
export async function serve(headers) {
  const uploads = [];
  const files = {
    "/": ["text/html; charset=utf-8", page],
    "/page.css": ["text/css", sheet],
    ...Object.fromEntries(readdirSync(new URL("../../shell/dist", import.meta.url)).map((name) => [`/vitrine/${name}`, [types[name.split(".")[1]], dist(name)]])),
    "/vitrine/tickets": ["application/json", JSON.stringify({ ticket: "t", plugin: "p", name: "A plugin", version: "1.0.0" })],
    "/favicon.ico": ["image/x-icon", ""],
    "/icon.svg": ["image/svg+xml", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>"],
  };
  const server = createServer((request, response) => {
    if (request.url === "/vitrine/upload") return receive(request, response, uploads);
    const file = files[request.url];
    response.writeHead(file ? 200 : 404, { "Content-Security-Policy": policy, "Content-Type": file?.[0] ?? "text/plain", ...headers });
    response.end(file?.[1] ?? "");
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return { url: `http://127.0.0.1:${server.address().port}/`, uploads, files, close: () => server.close() };
}

/** Puts a socket into the page that the test feeds: window.__feed(bytes), window.__sent. */
export async function stub(page) {
  await page.addInitScript(() => {
    window.__sent = [];
    window.__sockets = [];
    window.WebSocket = class {
      constructor() {
        window.__sockets.push(this);
        this.closed = false;
        setTimeout(() => this.onopen?.());
      }
      send(bytes) {
        window.__sent.push(Array.from(bytes));
        if (bytes[0] === 0x41) {
          const hello = [1, 1, ...new Array(16).fill(window.__sockets.length), ...bytes.slice(2), 0x98, 0x75, 4, 0x80, 0x80, 0x10];
          setTimeout(() => this.feed(hello));
        }
      }
      feed(bytes) {
        if (!this.closed) this.onmessage?.({ data: new Uint8Array(bytes).buffer });
      }
      close() {
        this.closed = true;
      }
    };
    window.__feed = (bytes) => window.__sockets.at(-1).feed(bytes);
  });
}

/** Feeds frames to the newest socket of the page. */
export const feed = (page, ...frames) =>
  page.evaluate((all) => all.forEach((frame) => window.__feed(frame)), frames.map((frame) => Array.from(frame)));

/** Feeds frames written in hexadecimal. */
export const feedHex = (page, ...frames) => feed(page, ...frames.map((frame) => Buffer.from(frame, "hex")));

/** Waits until the page has mounted, and shows a tree. */
export async function mount(page, url, frame) {
  await stub(page);
  await page.goto(url);
  await page.waitForFunction(() => window.__sent.some((sent) => sent[0] === 0x42));
  await feed(page, frame);
}

/** Waits until the page has sent so many frames of a type, and returns them. */
export async function waitSent(page, type, count = 1) {
  await page.waitForFunction(([t, n]) => window.__sent.filter((frame) => frame[0] === t).length >= n, [type, count]);
  return sent(page, type);
}

/** Frames of a type that the page has sent. */
export const sent = (page, type) => page.evaluate((t) => window.__sent.filter((frame) => frame[0] === t), type);
