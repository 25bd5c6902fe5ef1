function createEmbed({ into, place, base = "/vitrine/", components, onState }) {
  const element = document.createElement("vitrine-plugin");
  Object.assign(element, { components });
  element.setAttribute("place", place);
  element.addEventListener("vitrine", (event) => {
    const { state, error } = event.detail;
    onState?.(state, error);
  });
  into.append(element);
  const shell = new URL("vitrine.js", new URL(base, location.href)).href;
  import(
    /* @vite-ignore */
    /* webpackIgnore: true */
    shell
  ).catch(() => onState?.("fault", "The server cannot be reached."));
  return { element, move: (next) => element.setAttribute("place", next), remove: () => element.remove() };
}
export {
  createEmbed
};
