// In the page: prepares an operation, applies it, and says how long the script and then style and layout took.
import look from "../../shell/dist/vitrine.css";
import { plain } from "./plain.js";
import { remoteDOM } from "./remotedom.js";

const rest = () => new Promise((then) => requestAnimationFrame(() => setTimeout(then, 20)));

/** What is shown, to compare: how many rows, what some of them say, and how many are selected. */
const state = (rows) => ({
  rows: rows.length,
  words: [0, 1, 2, 4, 5, 10, 998, 999, 1000, rows.length - 1].map((n) => rows[n]?.textContent).join("|") + rows.filter((row) => row.matches("[aria-selected=true]")).length,
});

// The same look and the same box, with cells that hold more than words; every button is one of ours.
const sheet = new CSSStyleSheet();
sheet.replaceSync(look.replaceAll(".button", "button"));

function box() {
  const host = document.querySelector("main").appendChild(document.createElement("div"));
  const root = host.attachShadow({ mode: "open" });
  root.adoptedStyleSheets.push(sheet);
  const into = root.appendChild(document.createElement("div"));
  into.className = "table";
  into.dataset.rich = "";
  return { host, into };
}

const layout = () => void document.documentElement.offsetHeight;

/**
 * Takes the changes one after the other, the first few for nothing: an only one with its layout; of several the first half without, the second
 * with layout after each. Answers the time of the script of one, and that of one with its layout.
 */
async function timed(all, warm, apply) {
  for (const change of all.slice(0, warm)) {
    apply(change);
    layout();
  }
  const changes = all.slice(warm);
  // What the preparation left behind is not the operation's, nor is the sweeping that goes on for a while after a collection: the next to allocate would pay for it.
  window.gc?.();
  await rest();
  const half = changes.length >> 1;
  const from = performance.now();
  for (const change of half ? changes.slice(0, half) : changes) apply(change);
  const script = performance.now();
  if (!half) {
    layout();
    return [script - from, performance.now() - from];
  }
  await rest();
  const again = performance.now();
  for (const change of changes.slice(half)) {
    apply(change);
    layout();
  }
  return [(script - from) / half, (performance.now() - again) / half];
}

const makers = {
  plain: (into) => plain(into),
  // As its frames come over a socket, and as they come between two windows of one machine.
  "remote-dom": (into) => {
    const { ops, apply } = remoteDOM(into);
    return { ops: Object.fromEntries(Object.entries(ops).map(([name, op]) => [name, (...args) => JSON.stringify(op(...args))])), apply: (text) => apply(JSON.parse(text)) };
  },
  "remote-dom, parsed": (into) => remoteDOM(into),
};

/** Runs an operation on a table of another making; before is what stands there first. */
window.other = async (name, { op, before, after, at, warm = 0, times = 1 }) => {
  const { host, into } = box();
  const { ops, apply } = makers[name](into);
  if (before.length) apply(ops.append(before));
  const changes = Array.from({ length: times }, (_, n) => ops[op](after ?? at, n));
  const took = await timed(changes, warm, apply);
  const shown = state([...into.querySelectorAll("tr")]);
  host.remove();
  return { took, ...shown };
};

/** Runs an operation on a plugin's table: the frames that prepare it and those that are measured. */
window.ours = async ({ frames, away, prepared, warm = 0 }) => {
  const buffers = frames.map((frame) => new Uint8Array(frame).buffer);
  const socket = window.__sockets.at(-1);
  for (const data of buffers.slice(0, prepared)) socket.onmessage({ data });
  const took = await timed(buffers.slice(prepared), warm, (data) => socket.onmessage({ data }));
  const root = document.querySelector("vitrine-plugin").shadowRoot;
  const shown = state([...root.querySelectorAll("tbody tr")]);
  if (away) socket.onmessage({ data: new Uint8Array(away).buffer });
  return { took, ...shown };
};
