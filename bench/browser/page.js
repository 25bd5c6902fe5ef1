// In the page: prepares an operation, applies it, and says how long the script and then style and layout took.
import { plain } from "./plain.js";
import { remoteDOM } from "./remotedom.js";

const rest = () => new Promise((then) => requestAnimationFrame(() => setTimeout(then, 20)));

/** What is shown, to compare: how many rows, and what some of them say. */
const state = (rows) => ({ rows: rows.length, words: [0, 1, 2, 4, 5, 10, 998, 999, 1000, rows.length - 1].map((n) => rows[n]?.textContent).join("|") });

async function timed(apply) {
  await rest();
  window.gc?.(); // what the preparation left behind is not the operation's
  const from = performance.now();
  apply();
  const done = performance.now();
  void document.documentElement.offsetHeight;
  return [done - from, performance.now() - from];
}

/** Runs an operation on a table of another making; before is what stands there first. */
window.other = async (name, { op, before, after, at }) => {
  const into = document.body.appendChild(document.createElement("div"));
  const { ops, apply } = (name === "remote-dom" ? remoteDOM : plain)(into);
  if (before.length) apply(ops.append(before));
  const change = ops[op](after ?? at);
  const times = await timed(() => apply(change));
  const shown = state([...into.querySelectorAll("tr, ui-tr")]);
  into.remove();
  return { times, ...shown };
};

/** Runs an operation on a plugin's table: the frames that prepare it and the one that is measured. */
window.ours = async (frames) => {
  const buffers = frames.map((frame) => new Uint8Array(frame).buffer);
  const socket = window.__sockets.at(-1);
  for (const data of buffers.slice(0, -1)) socket.onmessage({ data });
  const times = await timed(() => socket.onmessage({ data: buffers.at(-1) }));
  const root = document.querySelector("vitrine-plugin").shadowRoot;
  return { times, ...state([...root.querySelectorAll("tbody tr")]) };
};
