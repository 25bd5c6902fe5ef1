// The host page's own part: it knows which data sets there are and which theme the person wants.
// What it asks of Vitrine is one attribute: the place that an element shows; what it gives is one property: its own components.
import { components } from "./code.js";

document.querySelector('vitrine-plugin[place="attendee"]').components = components;

const theme = document.getElementById("theme");
theme.addEventListener("change", () => {
  document.documentElement.dataset.theme = theme.value;
});

const lens = document.querySelector("#lens vitrine-plugin");
const chooser = document.getElementById("chooser");
const set = document.getElementById("set");

/** Lists the data sets: the places that the server shows with the same plugin. */
async function listSets() {
  const answer = await fetch("/demo/places");
  if (!answer.ok) return;
  const places = await answer.json();
  for (const { place, plugin, title } of places) {
    if (plugin === "tablelens" && place !== "tablelens") set.append(new Option(title, place));
  }
  chooser.hidden = set.options.length < 2;
}

set.addEventListener("change", () => lens.setAttribute("place", set.value));

await listSets();
