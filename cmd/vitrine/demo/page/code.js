// A component of this page's own, which plugins may show: a bar code (Code 39, ISO/IEC 16388) with a button.
// The server has registered it as demo.code; what a plugin can set of it and hear from it is said in demo.js.

const svg = "http://www.w3.org/2000/svg";
const signs = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. *";
/** Which of the nine bars and gaps of each sign are wide. */
const wide = (
  "000110100 100100001 001100001 101100000 000110001 100110000 001110000 000100101 100100100 001100100 " +
  "100001001 001001001 101001000 000011001 100011000 001011000 000001101 100001100 001001100 000011100 " +
  "100000011 001000011 101000010 000010011 100010010 001010010 000000111 100000110 001000110 000010110 " +
  "110000001 011000001 111000000 010010001 110010000 011010000 010000101 110000100 011000100 010010100"
).split(" ");

const sheet = new CSSStyleSheet();
sheet.replaceSync(`
  :host { display: grid; gap: .5rem; justify-items: start; }
  svg { box-sizing: border-box; inline-size: min(100%, 20rem); block-size: 4.5rem; padding: .5rem; border: 1px solid #868e9d; border-radius: 6px; background: #fff; fill: #000; }
  .spent svg { opacity: .35; }
  div { display: contents; }
  button { font: inherit; min-block-size: 2.25rem; padding-inline: .875rem; border: 1px solid currentColor; border-radius: 6px; background: none; color: inherit; cursor: pointer; }
  button:disabled { opacity: .6; cursor: default; }
  button:focus-visible { outline: 2px solid currentColor; outline-offset: 2px; }
  @media (pointer: coarse) { button { min-block-size: 2.75rem; } }
`);

class BarCode extends HTMLElement {
  #box = document.createElement("div");
  #code = document.createElementNS(svg, "svg");
  #button = document.createElement("button");
  #value = "";

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet];
    this.#code.setAttribute("role", "img");
    this.#code.setAttribute("preserveAspectRatio", "none");
    this.#button.type = "button";
    this.#button.addEventListener("click", () => this.dispatchEvent(new CustomEvent("scan", { detail: this.#value })));
    this.#box.append(this.#code, this.#button);
    root.append(this.#box);
    this.spent = false;
  }

  set value(value) {
    this.#value = String(value ?? "");
    const bars = document.createDocumentFragment();
    let x = 0;
    for (const sign of `*${this.#value.toUpperCase().replaceAll(/[^0-9A-Z. -]/g, "-")}*`) {
      [...wide[signs.indexOf(sign)]].forEach((is, i) => {
        const width = is === "1" ? 3 : 1;
        if (i % 2 === 0) {
          const bar = bars.appendChild(document.createElementNS(svg, "rect"));
          for (const [name, v] of [["x", x], ["y", 0], ["width", width], ["height", 1]]) bar.setAttribute(name, v);
        }
        x += width;
      });
      x++; // the gap between two signs
    }
    this.#code.setAttribute("viewBox", `0 0 ${x - 1} 1`);
    this.#code.setAttribute("aria-label", `Bar code ${this.#value}`);
    this.#code.replaceChildren(bars);
  }

  set spent(spent) {
    this.#button.disabled = !!spent;
    this.#button.textContent = spent ? "Scanned at the door" : "Scan at the door";
    this.#box.className = spent ? "spent" : "";
  }
}
customElements.define("bar-code", BarCode);

/** What this page supplies to plugins, by the names that the server has registered. */
export const components = { "demo.code": { props: { value: "text", spent: "bool" }, calls: ["scan"], show: "bar-code" } };
