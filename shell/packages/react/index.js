import { Component, createElement, useEffect, useLayoutEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";
import { createEmbed } from "@vitrine/embed";
import { PropsError } from "@vitrine/embed";
function boxesFor({ props, slots = [] }) {
  const names = [...Object.keys(props ?? {}), "call", "children", ...slots];
  const twice = slots.find((name, n) => names.indexOf(name) < names.length - slots.length + n);
  if (twice !== void 0) throw new Error(`vitrine: the slot "${twice}" has the name of another property`);
  return new Map(["children", ...slots].map((name) => {
    const box = document.createElement("div");
    box.style.display = "contents";
    return [name, box];
  }));
}
class Guard extends Component {
  state = { failed: false };
  static getDerivedStateFromError() {
    return { failed: true };
  }
  componentDidCatch() {
    this.props.failed();
  }
  render() {
    return this.state.failed ? null : this.props.children;
  }
}
function Parts({ box }) {
  const around = useRef(null);
  useLayoutEffect(() => {
    around.current.append(box);
    return () => box.remove();
  }, [box]);
  return createElement("div", { ref: around, style: { display: "contents" } });
}
function PluginPoint({ place, base, components, props, callbacks, loading, error, onState, onError, onPropsTaken }) {
  const box = useRef(null);
  const newest = useRef({ components, props, callbacks, onState, onError, onPropsTaken });
  const embedded = useRef(null);
  const [{ state, message }, show] = useState({ state: "loading", message: "" });
  const [attempt, tryAgain] = useState(0);
  const [hosted, host] = useState(/* @__PURE__ */ new Map());
  useEffect(() => {
    newest.current = { components, props, callbacks, onState, onError, onPropsTaken };
  });
  useEffect(() => {
    show({ state: "loading", message: "" });
    let keys = 0;
    const without = (all, into) => new Map([...all].filter(([el]) => el !== into));
    const own = Object.fromEntries(Object.entries(newest.current.components ?? {}).map(([name, component]) => [name, {
      ...component.props && { props: component.props },
      ...component.calls && { calls: component.calls },
      show(into, first, call, failed) {
        const key = ++keys;
        const boxes = boxesFor(component);
        const update = (props2) => host((all) => new Map(all).set(into, { name, key, props: props2, call, failed, boxes }));
        update(first);
        return { update, slots: (slot) => boxes.get(slot) ?? boxes.get("children"), remove: () => host((all) => without(all, into)) };
      }
    }]));
    const embed = createEmbed({
      into: box.current,
      place,
      components: own,
      ...base === void 0 ? {} : { base },
      ...newest.current.props && { props: newest.current.props },
      ...newest.current.callbacks && { callbacks: newest.current.callbacks },
      onError: (refused) => newest.current.onError?.(refused),
      onPropsTaken: (taken) => newest.current.onPropsTaken?.(taken),
      onState(next, words = "") {
        show({ state: next, message: words });
        newest.current.onState?.(next, words);
      }
    });
    embedded.current = embed;
    return () => embed.remove();
  }, [place, base, attempt]);
  useEffect(() => {
    const { element } = embedded.current;
    if (element.props !== props) element.props = props;
  }, [props]);
  useEffect(() => {
    embedded.current.element.callbacks = callbacks;
  }, [callbacks]);
  const instead = state === "loading" ? loading : state === "fault" ? error?.(message, () => tryAgain((n) => n + 1)) : void 0;
  const covered = instead === void 0 || instead === null ? void 0 : { visibility: "hidden", blockSize: 4, overflow: "hidden" };
  const portals = Array.from(hosted, ([into, { name, key, props: props2, call, failed, boxes }]) => {
    const component = components?.[name]?.component;
    if (!component) return void 0;
    const parts = Array.from(boxes, ([slot, box2]) => [slot, box2.firstChild ? createElement(Parts, { box: box2 }) : void 0]);
    const given = { ...props2, call, ...Object.fromEntries(parts) };
    const guarded = createElement(Guard, { failed, children: createElement(component, given) });
    return createPortal(guarded, into, `${attempt} ${place} ${key}`);
  });
  return createElement("div", { "aria-busy": state === "loading" }, instead, createElement("div", { ref: box, style: covered }), portals);
}
export {
  PluginPoint,
  PropsError
};
