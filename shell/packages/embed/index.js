class PropsError extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
  code;
  name = "PropsError";
}
function createEmbed({ into, place, base = "/vitrine/", components, props, callbacks, onState, onError, onPropsTaken }) {
  const element = document.createElement("vitrine-plugin");
  Object.assign(element, { components, props, callbacks });
  element.setAttribute("place", place);
  element.addEventListener("vitrine", (event) => {
    const { state, error } = event.detail;
    onState?.(state, error);
  });
  element.addEventListener("vitrine-refused", (event) => {
    const { code, message } = event.detail;
    onError?.(new PropsError(code, message));
  });
  element.addEventListener("vitrine-taken", (event) => onPropsTaken?.(event.detail.props ?? {}));
  into.append(element);
  const shell = new URL("vitrine.js", new URL(base, location.href)).href;
  import(
    /* @vite-ignore */
    /* webpackIgnore: true */
    shell
  ).catch(() => onState?.("fault", "The server cannot be reached."));
  return { element, update: (next) => void Object.assign(element, next), move: (next) => element.setAttribute("place", next), remove: () => element.remove() };
}
export {
  PropsError,
  createEmbed
};
