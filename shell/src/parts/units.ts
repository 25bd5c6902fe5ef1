import type { Value } from "../node";

/** A number of so many digits with its unit, in the person's language. A degree sign alone stands close to it, as minutes and seconds of an angle do (ISO 80000-1, 7.1.4). */
export function amount(n: number, digits: number, unit: Value): string {
  const words = Number(n.toPrecision(digits)).toLocaleString();
  return unit ? `${words}${/^[°′″]$/.test(String(unit)) ? "" : " "}${String(unit)}` : words;
}
