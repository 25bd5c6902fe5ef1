import { Component, createElement, useEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";
import { createEmbed } from "@vitrine/embed";
class Guard extends Component {
  state = { failed: false };
  static getDerivedStateFromError() {
    return { failed: true };
  }
  render() {
    return this.state.failed ? null : this.props.children;
  }
}
function PluginPoint({ place, base, components, loading, error, onState }) {
  const box = useRef(null);
  const newest = useRef({ components, onState });
  const [{ state, message }, show] = useState({ state: "loading", message: "" });
  const [attempt, tryAgain] = useState(0);
  const [hosted, host] = useState(/* @__PURE__ */ new Map());
  useEffect(() => {
    newest.current = { components, onState };
  });
  useEffect(() => {
    show({ state: "loading", message: "" });
    let keys = 0;
    const without = (all, into) => new Map([...all].filter(([el]) => el !== into));
    const own = Object.fromEntries(Object.entries(newest.current.components ?? {}).map(([name, { props, calls }]) => [name, {
      ...props && { props },
      ...calls && { calls },
      show(into, first, call) {
        const key = ++keys;
        const update = (props2) => host((all) => new Map(all).set(into, { name, key, props: props2, call }));
        update(first);
        return { update, remove: () => host((all) => without(all, into)) };
      }
    }]));
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
  const portals = Array.from(hosted, ([into, { name, key, props, call }]) => {
    const component = components?.[name]?.component;
    return component && createPortal(createElement(Guard, null, createElement(component, { ...props, call })), into, `${attempt} ${place} ${key}`);
  });
  return createElement("div", { "aria-busy": state === "loading" }, instead, createElement("div", { ref: box, style: covered }), portals);
}
export {
  PluginPoint
};
