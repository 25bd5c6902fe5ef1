/** Sets an attribute whose name is a constant of the table; undefined and false remove it. */
export function attr(el: Element, name: string, value: string | number | boolean | undefined): void {
  if (value === undefined || value === false) el.removeAttribute(name);
  else el.setAttribute(name, value === true ? "" : (value as string));
}
