import type { Value } from "../node";

/** A number of so many significant digits with its unit, in the person's language. A degree sign alone stands close to it, as minutes and seconds of an angle do (ISO 80000-1, 7.1.4). */
export function amount(n: number, maximumSignificantDigits: number, unit: Value): string {
  const size = Math.abs(n);
  // What has a long row of zeros is written with a power of ten.
  const words = n.toLocaleString(undefined, { maximumSignificantDigits, notation: size >= 1e15 || (size && size < 1e-6) ? "scientific" : "standard" });
  return unit ? `${words}${/^[°′″]$/.test(String(unit)) ? "" : " "}${String(unit)}` : words;
}
