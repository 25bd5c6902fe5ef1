// In the page: prepares an operation, applies it, and says how long the script and then style and layout took.
import { plain } from "./plain.js";
import { remoteDOM } from "./remotedom.js";

const rest = () => new Promise((then) => requestAnimationFrame(() => setTimeout(then, 20)));

/** What is shown, to compare: how many rows, and what some of them say. */
const state = (rows) => ({ rows: rows.length, words: [0, 1, 2, 4, 5, 10, 998, 999, 1000, rows.length - 1].map((n) => rows[n]?.textContent).join("|") });

// The elements of Remote DOM are its own: as a table they are laid out like one.
const sheet = new CSSStyleSheet();
sheet.replaceSync("ui-table{display:table}ui-tr{display:table-row}ui-td{display:table-cell}ui-button{display:inline-block}");
document.adoptedStyleSheets.push(sheet);

const layout = () => void document.documentElement.offsetHeight;

/**
 * Takes the changes one after the other: an only one with its layout; of several the first half without, the second
 * with layout after each. Answers the time of the script of one, and that of one with its layout.
 */
async function timed(changes, apply) {
  await rest();
  window.gc?.(); // what the preparation left behind is not the operation's
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
window.other = async (name, { op, before, after, at, times = 1 }) => {
  const into = document.body.appendChild(document.createElement("div"));
  const { ops, apply } = makers[name](into);
  if (before.length) apply(ops.append(before));
  const changes = Array.from({ length: times }, (_, n) => ops[op](after ?? at, n));
  const took = await timed(changes, apply);
  const shown = state([...into.querySelectorAll("tr, ui-tr")]);
  into.remove();
  return { took, ...shown };
};

/** Runs an operation on a plugin's table: the frames that prepare it and those that are measured. */
window.ours = async ({ frames, prepared }) => {
  const buffers = frames.map((frame) => new Uint8Array(frame).buffer);
  const socket = window.__sockets.at(-1);
  for (const data of buffers.slice(0, prepared)) socket.onmessage({ data });
  const took = await timed(buffers.slice(prepared), (data) => socket.onmessage({ data }));
  const root = document.querySelector("vitrine-plugin").shadowRoot;
  return { took, ...state([...root.querySelectorAll("tbody tr")]) };
};
