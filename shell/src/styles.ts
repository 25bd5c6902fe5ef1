import css from "./styles.css";

let shared: CSSStyleSheet | undefined;

/** The one sheet of all shadow roots. */
export function sheet(): CSSStyleSheet {
  if (!shared) {
    shared = new CSSStyleSheet();
    shared.replaceSync(css);
  }
  return shared;
}
