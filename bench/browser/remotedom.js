// The same operations by Remote DOM's receiver, which is given what its elements send: one record a change.
import { DOMRemoteReceiver } from "@remote-dom/core/receivers";

let nextId = 0;
const text = (data) => ({ id: String(++nextId), type: 3, data });
const element = (name, ...children) => ({ id: String(++nextId), type: 1, element: name, properties: {}, attributes: {}, eventListeners: {}, children });
const row = ({ id, label }) => {
  const words = text(label);
  return { words: words.id, child: element("tr", element("td", text(String(id))), element("td", words), element("td", element("button", text("Remove")))) };
};

/** A table, and what an operation on it is: records to be applied. */
export function remoteDOM(into) {
  const elements = Object.fromEntries(["tbody", "tr", "td", "button"].map((name) => [name, { attributes: ["aria-selected"] }]));
  const receiver = new DOMRemoteReceiver({ elements });
  receiver.connect(into.appendChild(document.createElement("table")));
  const table = element("tbody");
  receiver.connection.mutate([[0, "~", table, 0]]);
  let rows = [];
  const insert = (data, at) => data.map((one, i) => {
    const made = row(one);
    rows.splice(at + i, 0, { ...made, label: one.label });
    return [0, table.id, made.child, at + i];
  });
  const removed = (at) => (rows.splice(at, 1), [1, table.id, at]);
  const ops = {
    append: (data) => insert(data, rows.length),
    clear: () => rows.slice().map(() => removed(0)),
    replace: (data) => [...ops.clear(), ...insert(data, 0)],
    every10th: () => rows.filter((_, i) => i % 10 === 0).map((r) => [2, r.words, (r.label += " !!!")]),
    select: (at, n) => [[3, rows[at + n].child.id, "aria-selected", "true", 2]], // an attribute: a property of such an element shows nothing
    swap() {
      const [a, b] = [rows[1], rows[998]];
      const records = [[1, table.id, 998], [0, table.id, b.child, 1], [1, table.id, 2], [0, table.id, a.child, 998]];
      [rows[1], rows[998]] = [b, a];
      return records;
    },
    remove: (at) => [removed(at)],
  };
  return { ops, apply: (records) => receiver.connection.mutate(records) };
}
