import { HostEvent, HostProp } from "../catalog.gen";
import type { Behaviour, VNode } from "../node";
import { core } from "./tools";

/** The values of a host component's properties. */
export type HostProps = Readonly<Record<string, unknown>>;

/** A host component that is shown. */
export interface HostView {
  /** Shows other values of the properties. */
  update(props: HostProps): void;
  /** Lets go of everything. */
  remove(): void;
}

/** What the page supplies for a host component: the name of a custom element, or a function that shows it in an element. */
export type HostComponent = string | ((into: HTMLElement, props: HostProps, call: (name: string, detail: unknown) => void) => HostView);

/** An element that plugins are shown in, and what its page registered for them. */
export interface HostElement extends HTMLElement { components?: Readonly<Record<string, HostComponent>> }

/** A custom element gets properties as properties, and calls back by events of the registered names. */
function element(tag: string, into: HTMLElement, props: HostProps): HostView {
  const el = document.createElement(tag);
  const update = (next: HostProps): void => void Object.assign(el, next);
  update(props);
  into.append(el);
  return { update, remove: () => el.remove() };
}

function propsOf(node: VNode): HostProps {
  try {
    return JSON.parse(String(node.vals[HostProp.Props] ?? "{}")) as HostProps;
  } catch {
    return {};
  }
}

/** The page's own code shows it; what the page lacks is a fallback, a link at last. */
export const host: Behaviour = {
  then(node, page) {
    const known = (page.host as HostElement).components;
    const name = String(node.vals[HostProp.Name]);
    const component = known && Object.hasOwn(known, name) ? known[name] : undefined;
    const fallback = [...node.el.children].filter((el) => el.className === "fallback");
    for (const el of fallback) core.attr(el, "hidden", !!component);
    if (component) {
      const shown = node.own as HostView | undefined;
      if (shown) return shown.update(propsOf(node));
      const call = (event: string, detail: unknown): void => void page.emit(node, HostEvent.Call, event, JSON.stringify(detail ?? null));
      const view = (node.own = typeof component === "string" ? element(component, node.el, propsOf(node)) : component(node.el, propsOf(node), call));
      const el = typeof component === "string" ? node.el.lastElementChild : undefined;
      // Parts stand in the slots of the element.
      for (const part of [...node.el.children]) if (part.className === "part") el?.append(part);
      if (el) for (const event of calls(page.host as HostElement, name)) el.addEventListener(event, (e) => call(event, (e as CustomEvent<unknown>).detail));
      node.drop = () => view.remove();
    } else if (!fallback.length && !node.el.childElementCount) {
      const href = node.vals[HostProp.Href];
      const last = document.createElement(href ? "a" : "p");
      last.className = href ? "link" : "text";
      last.textContent = String(node.vals[HostProp.Label]);
      for (const [key, value] of href ? [["href", String(href)], ["target", "_blank"], ["rel", "noopener noreferrer"]] as const : []) core.attr(last, key, value);
      node.el.append(last);
    }
  },
};

/** The events that a custom element calls back by: those that its class lists. */
function calls(_at: HostElement, name: string): readonly string[] {
  const tag = _at.components?.[name];
  const type = typeof tag === "string" ? (customElements.get(tag) as (CustomElementConstructor & { calls?: readonly string[] }) | undefined) : undefined;
  return type?.calls ?? [];
}
