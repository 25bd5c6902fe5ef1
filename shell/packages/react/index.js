import { createElement, useEffect, useRef, useState } from "react";
import { createRoot } from "react-dom/client";
import { createEmbed } from "@vitrine/embed";
function hosted({ component, ...declared }) {
  return {
    ...declared,
    show(into, props, call) {
      const root = createRoot(into);
      const update = (next) => root.render(createElement(component, { ...next, call }));
      update(props);
      return { update, remove: () => queueMicrotask(() => root.unmount()) };
    }
  };
}
function PluginPoint({ place, base, components, loading, error, onState }) {
  const box = useRef(null);
  const newest = useRef({ components, onState });
  const [{ state, message }, show] = useState({ state: "loading", message: "" });
  const [attempt, tryAgain] = useState(0);
  useEffect(() => {
    newest.current = { components, onState };
  });
  useEffect(() => {
    show({ state: "loading", message: "" });
    const own = Object.fromEntries(Object.entries(newest.current.components ?? {}).map(([name, given]) => [name, hosted(given)]));
    const embed = createEmbed({
      into: box.current,
      place,
      components: own,
      ...base === void 0 ? {} : { base },
      onState(next, words = "") {
        show({ state: next, message: words });
        newest.current.onState?.(next, words);
      }
    });
    return () => embed.remove();
  }, [place, base, attempt]);
  const instead = state === "loading" ? loading : state === "fault" ? error?.(message, () => tryAgain((n) => n + 1)) : void 0;
  const covered = instead === void 0 || instead === null ? void 0 : { visibility: "hidden", blockSize: 0, overflow: "hidden" };
  return createElement("div", { "aria-busy": state === "loading" }, instead, createElement("div", { ref: box, style: covered }));
}
export {
  PluginPoint
};
