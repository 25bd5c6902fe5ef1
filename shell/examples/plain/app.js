// A page without a framework that shows a plugin and supplies a component of its own to it.
import { createEmbed } from "@vitrine/embed";

/** A seat that can be taken. It gets `row` and `taken` as properties, and says `take`. */
class SeatPicker extends HTMLElement {
  #button = document.createElement("button");

  connectedCallback() {
    this.append(this.#button);
    this.#button.onclick = () => this.dispatchEvent(new CustomEvent("take", { detail: { row: this.#row } }));
  }

  #row = 0;
  set row(row) {
    this.#row = row ?? 0;
    this.#button.textContent = `Row ${this.#row}`;
  }

  set taken(taken) {
    this.#button.disabled = !!taken;
  }
}
customElements.define("seat-picker", SeatPicker);

const said = document.getElementById("said");
createEmbed({
  into: document.getElementById("plugin"),
  place: "desk",
  props: { price: 10 },
  callbacks: { quote: ({ seats }) => seats * 10 },
  components: { seat: { props: { row: "number", taken: "bool" }, calls: ["take"], show: "seat-picker" } },
  onState: (state, error) => (said.textContent = error ?? state),
});
