import { active, node } from "../../shell/build/test/encode.js";

const z = (n) => (n < 0 ? -2 * n - 1 : 2 * n);
const num = (n) => { const out = []; for (; n > 127; n = Math.floor(n / 128)) out.push((n % 128) | 128); out.push(n); return out; };
const rect = (ink, ...xs) => [1, ink, ...xs.flatMap((x) => num(z(x)))];
const line = (ink, ...xs) => [2, ink, ...xs.flatMap((x) => num(z(x)))];
const label = (ink, x, y, a, s) => [3, ink, ...[x, y, a].flatMap((v) => num(z(v))), ...num(new TextEncoder().encode(s).length), ...new TextEncoder().encode(s)];
const bars = [3, 9, 18, 30, 44, 60, 71, 64, 50, 33, 21, 12, 6, 2];
const drawing = new Uint8Array([
  ...[0, 25, 50, 75].flatMap((y) => [...line(6, 30, 100 - y, 390, 100 - y), ...label(1, 24, 104 - y, 2, String(y))]),
  ...bars.flatMap((b, i) => rect(i === 6 ? 2 : 1, 34 + i * 25, 100 - b, 22, b)),
  ...line(0, 30, 100, 390, 100), ...label(1, 30, 118, 0, "0"), ...label(1, 210, 118, 1, "kWh"), ...label(1, 390, 118, 2, "400"),
]);
const rows = Array.from({ length: 40 }, (_, i) => node("row", i === 2 ? { selected: true } : {},
  node("cell", { text: ["Amsterdam", "Berlin", "Çeşme", "Dresden", "Évora"][i % 5] + " " + i }), node("cell", { text: (1234.5 * (i + 1) % 977).toFixed(2) }),
  node("cell", { text: `2026-0${1 + i % 9}-14` }), node("cell", { text: i % 3 ? "open" : "late", tone: i % 3 ? "good" : "danger" })));
/** A tree with every component, in most of its states. */
export const everything = node("box", { gap: "l" },
  node("box", { direction: "row", gap: "m", align: "end", wrap: true },
    active(node("textfield", { value: "amster", label: "Filter", type: "search", placeholder: "any column", hint: "Matches any column" }), "input"),
    active(node("select", { value: "b", label: "Palette" }, node("option", { text: "Sunset", value: "a" }), node("option", { text: "Ocean", value: "b" })), "change"),
    active(node("numberfield", { value: 250, label: "Iterations", min: 1, max: 5000, unit: "×" }), "change"),
    active(node("slider", { value: 0.35, label: "Detail", min: 0, max: 1, step: 0.01, unit: "px" }), "input")),
  node("box", { direction: "row", gap: "s", wrap: true, align: "center" },
    active(node("button", { text: "Save", variant: "primary" }), "click"), active(node("button", { text: "Cancel" }), "click"),
    node("button", { text: "Learn more", variant: "plain" }), node("button", { text: "Delete", variant: "danger" }),
    node("button", { text: "Julia", pressed: "on" }), node("button", { text: "Grid", pressed: "off" }), node("button", { text: "Disabled", disabled: true }),
    node("text", { text: "Live status", tone: "muted", size: "s", live: true })),
  node("box", { direction: "row", gap: "l", wrap: true },
    node("box", { grow: true, gap: "s", surface: "panel", padding: "m" },
      node("heading", { text: "Distribution", level: 3 }),
      node("canvas", { drawing, label: "Histogram of usage", width: 400, height: 124, fluid: true }),
      node("text", { text: "mean 41.2 · median 38.0 · deviation 12.9", tone: "muted", size: "s" })),
    node("box", { grow: true, gap: "m", surface: "inset", padding: "m" },
      node("heading", { text: "Import", level: 3 }),
      active(node("filefield", { label: "CSV file", accept: ".csv,text/csv", maxbytes: 5000000, hint: "Up to 5 MB; drop it here or choose one.", error: "Line 14, column 3: a quote is not closed." }), "file"),
      node("progress", { value: 0.62, label: "Parsing" }), node("progress", { label: "Waiting" }),
      active(node("textfield", { value: "x@", label: "Mail", type: "email", error: "This is not an address." }), "change"))),
  node("table", { label: "Meters", density: "compact" },
    active(node("column", { text: "City", sort: "ascending", hint: "text" }), "sort"), active(node("column", { text: "Usage", align: "end", sort: "sortable", hint: "number" }), "sort"),
    active(node("column", { text: "Since", align: "center", sort: "descending", hint: "date" }), "sort"), node("column", { text: "State" }), ...rows),
  node("box", { gap: "xs" }, node("text", { text: "extra small", size: "xs" }), node("text", { text: "strong", strong: true }), node("text", { text: "mono 0123", mono: true }), node("text", { text: "Large", size: "xl" }),
    ...["muted", "accent", "good", "warning", "danger"].map((tone) => node("text", { text: tone, tone }))),
);
