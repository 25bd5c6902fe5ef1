// The same operations by hand: the least that a page can do, on elements like the shell's.
const proto = document.createElement("tr");
proto.tabIndex = 0;
for (let n = 0; n < 3; n++) proto.append(document.createElement("td"));
const button = document.createElement("button");
button.type = "button";
button.className = "button";
button.append("Remove");
proto.children[2].append(button);
proto.children[0].append("");
proto.children[1].append("");

export function plain(into) {
  const body = into.appendChild(document.createElement("table")).appendChild(document.createElement("tbody"));
  const append = (data) => {
    for (const { id, label } of data) {
      const tr = proto.cloneNode(true);
      tr.firstChild.firstChild.data = id;
      tr.children[1].firstChild.data = label;
      body.append(tr);
    }
  };
  const clear = () => (body.textContent = "");
  const ops = {
    append: (data) => () => append(data),
    clear: () => clear,
    replace: (data) => () => (clear(), append(data)),
    every10th: () => () => { for (let i = 0; i < body.children.length; i += 10) body.children[i].children[1].firstChild.data += " !!!"; },
    select: (at, n) => () => body.children[at + n].setAttribute("aria-selected", "true"),
    swap: () => () => {
      const [a, b, after] = [body.children[1], body.children[998], body.children[999]];
      body.insertBefore(b, body.children[2]);
      body.insertBefore(a, after);
    },
    remove: (at) => () => body.children[at].remove(),
  };
  return { ops, apply: (change) => change() };
}
