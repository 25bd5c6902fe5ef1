// The same changes as bytes.go makes, by Remote DOM: how many bytes of JSON its mutations are, and what is
// shown then. Rows come on standard input.
import "@remote-dom/core/polyfill";
import { RemoteRootElement, createRemoteElement, BatchingRemoteConnection } from "@remote-dom/core/elements";
import { readFileSync } from "node:fs";

const rows = JSON.parse(readFileSync(0, "utf8"));
let bytes = 0;
const connection = new BatchingRemoteConnection(
  { mutate: (records) => void (bytes += JSON.stringify(records).length), call: () => undefined },
  { batch: () => {} },
);
customElements.define("remote-root", RemoteRootElement);
for (const name of ["table", "row", "cell", "button", "text"]) {
  customElements.define(`ui-${name}`, createRemoteElement({ properties: { selected: { type: Boolean } }, events: ["click"] }));
}
const el = (name, ...kids) => {
  const out = document.createElement(`ui-${name}`);
  for (const kid of kids) out.append(kid);
  return out;
};
const row = ({ id, label }) => {
  const button = el("button", "Remove");
  button.addEventListener("click", () => {});
  return el("row", el("cell", String(id)), el("cell", label), el("cell", button));
};
const label = (r) => r.childNodes[1].firstChild;

function measure(variant, before, change) {
  const root = document.createElement("remote-root");
  root.connect(connection);
  document.body.append(root);
  const table = el("table");
  root.append(table);
  before(table);
  connection.flush();
  bytes = 0;
  change(table);
  connection.flush();
  console.log(JSON.stringify({ variant, bytes, text: root.textContent }));
  root.remove();
}

const thousand = (t) => t.append(...rows.slice(0, 1000).map(row));
measure("counter", (t) => t.append(el("text", "Count: 41")), (t) => { t.firstChild.firstChild.data = "Count: 42"; });
measure("every 10th row", thousand, (t) => { for (let i = 0; i < 1000; i += 10) label(t.childNodes[i]).data += " !!!"; });
measure("swap", thousand, (t) => {
  const [a, b, after] = [t.childNodes[1], t.childNodes[998], t.childNodes[999]];
  t.insertBefore(b, t.childNodes[2]);
  t.removeChild(a);
  t.insertBefore(a, after);
});
measure("remove a row", thousand, (t) => t.removeChild(t.childNodes[500]));
measure("create 1,000", () => {}, thousand);
measure("append 1,000", thousand, (t) => t.append(...rows.slice(1000).map(row)));
measure("select", thousand, (t) => { t.childNodes[5].selected = true; });
measure("clear", thousand, (t) => { while (t.firstChild) t.removeChild(t.firstChild); });
