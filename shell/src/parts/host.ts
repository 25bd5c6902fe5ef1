import { Component, HostEvent, HostProp } from "../catalog.gen";
import type { HostCall, HostComponent, HostComponents, HostKind, HostProps, HostView } from "../embed";
import type { Part } from "../loaded";
import type { Behaviour, Owned, Page, VNode } from "../node";
import { attr, chosen, link, maxPayload, move, onDrop, ownerOf, write } from "../core";

/** What a value is for a property, undefined if it cannot be that. */
function valueOf(kind: HostKind, value: unknown): string | number | boolean | undefined {
  if (typeof kind !== "string") return typeof value === "string" && kind.includes(value) ? value : undefined;
  if (kind === "number") return typeof value === "number" && Number.isFinite(value) ? value : undefined;
  if (kind === "bool") return typeof value === "boolean" ? value : undefined;
  if (typeof value !== "string") return undefined;
  try {
    return kind === "link" ? link(value) : value;
  } catch {
    return undefined;
  }
}

/** The properties that the page declared, and no others: the names of the rest never leave this function. */
function propsOf({ vals }: VNode, { props = {} }: HostComponent): HostProps {
  let given: unknown;
  try {
    given = JSON.parse(String(vals[HostProp.Props] ?? "{}"));
  } catch {
    given = undefined;
  }
  const from = new Map(given && typeof given === "object" ? Object.entries(given) : []);
  return Object.fromEntries(Object.entries(props).map(([name, kind]) => [name, valueOf(kind, from.get(name))]));
}

/** What the page supplies for a node. */
function suppliedFor({ vals }: VNode, page: Page): HostComponent | undefined {
  const all = (page.host as HTMLElement & { components?: HostComponents }).components;
  const name = String(vals[HostProp.Name]);
  return all && Object.hasOwn(all, name) ? all[name] : undefined;
}

/** What stands for a node: what the page supplies, or the last resort. */
interface Shown extends HostView { component?: HostComponent }

/** The parts that stand in slots, by what marks their places. */
const marked = new WeakMap<Node, Owned>();

/** Leaves a mark where a part belongs. */
function mark(part: VNode): Comment {
  const at = new Comment();
  marked.set(at, part.el);
  onDrop(part, () => at.remove());
  return at;
}

/** Has parts stand each in its slot, or where they belong if there is none. Marks stay in their places: parts have one order, whatever slots they stand in. */
function spread({ el }: VNode, slots?: HostView["slots"]): void {
  const next = new Map<Element, Node | null>();
  const all = Array.from(el.childNodes, (at) => [at, marked.get(at) ?? (at as Owned)] as const);
  // One that was moved has left a mark where it was.
  for (const [at, part] of all.filter(([at, part]) => part.className === "part" && (part === at || part.parentNode !== el))) {
    const owner = ownerOf(part)!;
    const into = typeof slots === "function" ? slots(part.slot) : slots;
    if (!into) {
      if (part !== at) at.replaceWith(part);
      continue;
    }
    if (part === at) part.before((owner.own ??= mark(owner)) as Comment);
    const ref = next.has(into) ? next.get(into)! : into.querySelector(":scope > .part");
    if (part !== ref) move(into, part, ref);
    next.set(into, part.nextSibling);
  }
}

/** A custom element gets properties as properties, and calls back by events of its own. Parts of the plugin's stand in its slots; theirs rise through it. */
function element(node: VNode, tag: string, component: HostComponent, props: HostProps, call: HostCall): Shown {
  const el = document.createElement(tag);
  const update = (next: HostProps): void => void Object.assign(el, next);
  update(props);
  for (const type of component.calls ?? []) el.addEventListener(type, (event) => event.target === el && call(type, (event as CustomEvent<unknown>).detail));
  node.el.append(el);
  return { component, slots: el, update, remove: () => el.remove() };
}

/** Runs the page's own code; where that throws, the plugin goes on. */
function tried<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (e) {
    reportError(e);
    return undefined;
  }
}

/** Shows what the page supplies for a node. */
function show(node: VNode, component: HostComponent, page: Page): Shown {
  const props = propsOf(node, component);
  const call: HostCall = (name, detail) => {
    const words = JSON.stringify(detail ?? null);
    const why = !component.calls?.includes(name) ? "is not among the calls of this component" : write(name, words).length > maxPayload && "says too much: 64 KiB are the most";
    if (why) return console.error(`vitrine: ${String(node.vals[HostProp.Name])}: "${name}" ${why}`);
    const ev = page.emit(node, HostEvent.Call, name, words);
    if (!navigator.userActivation.isActive) page.unasked(ev); // the page's own doing
  };
  if (typeof component.show === "string") return element(node, component.show, component, props, call);
  const into = node.el.appendChild(document.createElement("div"));
  let view: HostView;
  try {
    view = component.show(into, props, call, () => node.own === shown && stand(node, page));
  } catch (e) {
    into.remove(); // with what it has shown
    throw e;
  }
  const shown: Shown = {
    component, ...(view.slots && { slots: view.slots }),
    update: (next) => view.update(next),
    remove() {
      into.remove();
      view.remove();
    },
  };
  return shown;
}

/** The last resort: what it is called, with a link if the plugin gave one. */
function resort({ el, vals }: VNode): Shown | undefined {
  if (el.childElementCount) return undefined;
  const href = vals[HostProp.Href];
  const last = document.createElement(href ? "a" : "p");
  last.className = href ? "link" : "text";
  last.textContent = String(vals[HostProp.Label]);
  for (const [key, value] of href ? [["href", String(href)], ["target", "_blank"], ["rel", "noopener noreferrer"]] as const : []) attr(last, key, value);
  el.append(last);
  return { update() {}, remove: () => last.remove() };
}

const shownFor = ({ own }: VNode): Shown | undefined => own as Shown | undefined;

/** Has something else stand for a node: what the page supplies if that can be shown, else what there is without it. */
function stand(node: VNode, page: Page, component?: HostComponent): void {
  spread(node);
  tried(() => shownFor(node)?.remove());
  const next = component && tried(() => show(node, component, page));
  attr(node.el, "data-shown", !!next); // the sheet hides what stands for the rest
  node.own = next ?? resort(node);
  tried(() => spread(node, next?.slots));
}

/** The page's own code shows it; what the page lacks is a fallback, a link at last. */
export const host: Behaviour = {
  make: (node) => onDrop(node, () => tried(() => shownFor(node)?.remove())),
  after(node, page) {
    const component = suppliedFor(node, page);
    const shown = shownFor(node);
    if (!component || shown?.component !== component) return stand(node, page, component);
    tried(() => {
      spread(node, shown.slots);
      shown.update(propsOf(node, component));
    });
  },
};

export const brings: Part = { does: { [Component.Host]: host, [Component.Part]: chosen } };
