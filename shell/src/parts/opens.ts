import { Component, DetailsProp, DialogEvent, MenuitemProp, TabProp, TabsProp } from "../catalog.gen";
import type { Part } from "../loaded";
import type { Behaviour, Page, VNode } from "../node";
import { attr, chosen, crossed, kidsIn, listen, newId, onDrop, ownerOf, part } from "../core";
import { mayTake } from "./keyboard";

const tabsOf = (node: VNode): VNode[] => kidsIn(part(node, 2)).map((el) => ownerOf(el)!);

const reached = "a[href],button,input,select,textarea,summary,[tabindex]";

const scrolls = ({ scrollWidth, clientWidth, scrollHeight, clientHeight }: Element): boolean => scrollWidth > clientWidth || scrollHeight > clientHeight;

/** Lines that leave their box can be scrolled to by keyboard. */
const code: Behaviour = {
  make(node) {
    const { el } = node;
    const observer = new ResizeObserver(() => attr(el, "tabindex", scrolls(el) ? 0 : undefined));
    for (const of of [el, part(node, 1)]) observer.observe(of);
    onDrop(node, () => observer.disconnect());
  },
};

/** Which of some elements a key leads to, from one of them. */
function reach(all: HTMLElement[], at: Element | null, key: string): HTMLElement | undefined {
  const n = all.indexOf(at as HTMLElement);
  const rtl = all[0] && getComputedStyle(all[0]).direction === "rtl" ? -1 : 1;
  const step = { ArrowDown: 1, ArrowUp: -1, ArrowRight: rtl, ArrowLeft: -rtl }[key];
  return key === "Home" ? all[0] : key === "End" ? all.at(-1) : step ? all[(n + step + all.length) % all.length] : undefined;
}

/** A row of buttons, made of the tabs that are there, and the panel of the one that is chosen. */
const tabs: Behaviour = {
  after(node) {
    const list = part(node, 1);
    const all = tabsOf(node);
    const shown = all.find((tab) => tab.vals[TabProp.Value] === node.vals[TabsProp.Value]) ?? all[0];
    while (list.children.length > all.length) list.lastElementChild!.remove();
    all.forEach((tab, n) => {
      const button = list.children[n] ?? list.appendChild(document.createElement("button"));
      const words = String(tab.vals[TabProp.Text]);
      const on = tab === shown;
      if (button.textContent !== words) button.textContent = words;
      tab.el.id ||= newId();
      button.id ||= newId();
      for (const [name, value] of [["type", "button"], ["role", "tab"], ["aria-selected", String(on)], ["tabindex", on ? 0 : -1], ["aria-controls", tab.el.id], ["aria-disabled", tab.vals[TabProp.Disabled] ? "true" : undefined], ["data-icon", undefined]] as const) attr(button, name, value);
      attr(tab.el, "aria-labelledby", button.id);
      attr(tab.el, "hidden", !on);
    });
  },
  on(node, event, page) {
    if (event.type === "focusout") return page.release(node);
    const list = part(node, 1);
    const at = (event.target as Element).closest("[role=tab]");
    if (!at || at.parentNode !== list) return;
    const next = event.type === "keydown" ? reach(kidsIn(list), at, (event as KeyboardEvent).key) : event.type === "click" ? (at as HTMLElement) : undefined;
    if (!next) return;
    event.preventDefault();
    next.focus();
    const tab = tabsOf(node)[kidsIn(list).indexOf(next)]!;
    if (tab.vals[TabProp.Disabled] || tab.vals[TabProp.Value] === node.vals[TabsProp.Value]) return true;
    page.enter(node, String(tab.vals[TabProp.Value]), 0);
    page.later(node);
    return true;
  },
};

/** A button and what it opens above everything, beside itself. */
const opener: Behaviour = {
  make: (node) => void ((part(node, 1) as HTMLButtonElement).popoverTargetElement = part(node, 2)),
  after(node, page) {
    const { kind, vals } = node;
    attr(part(node, 2), "data-by", page.title); // it covers the name above the plugin
    attr(part(node, 2), "aria-label", String((kind === Component.Popover ? vals[2] : vals[1]) ?? vals[0]));
  },
  on(node, event, page) {
    const panel = part(node, 2);
    const menu = node.kind === Component.Menu;
    if (event.type === "toggle" && event.target === panel) {
      const open = panel.matches(":popover-open");
      if (open && menu) kidsIn(panel)[0]?.focus();
      // What scrolls and holds nothing that the keyboard reaches is reached itself.
      if (open && !menu) attr(panel, "tabindex", scrolls(panel) && !panel.querySelector(reached) ? 0 : undefined);
      // What had the focus is hidden: it goes back to the button, which a browser does not find in a closed root. Not if the person has gone elsewhere.
      const { activeElement } = node.el.getRootNode() as ShadowRoot;
      if (!open && mayTake(page) && (!activeElement || panel.contains(activeElement))) part(node, 1).focus();
      if (!menu) page.emit(node, 0, open);
      return true;
    }
    if (!menu || !panel.contains(event.target as Node)) return false;
    // From its button the keyboard goes on.
    if (event.type === "keydown" && (event as KeyboardEvent).key === "Tab") {
      part(node, 1).focus();
      panel.hidePopover();
    }
    const next = event.type === "keydown" && reach(kidsIn(panel), event.target as Element, (event as KeyboardEvent).key);
    if (!next) return false;
    next.focus();
    event.preventDefault();
    return false;
  },
};

/** Activated, it closes the menu that it stands in. */
const menuitem: Behaviour = {
  on: ({ el, vals }, event) => void (event.type === "click" && !vals[MenuitemProp.Disabled] && el.parentElement?.hidePopover()),
};

/** What was opened or closed by the person is told, what the plugin does is not. */
const details: Behaviour = {
  set: ({ el }, number, value) => !number && (((el as HTMLDetailsElement).open = !!value), true),
  on(node, event, page) {
    if (event.type === "focusout") return page.release(node);
    const { open } = node.el as HTMLDetailsElement;
    if (event.type !== "toggle" || event.target !== node.el || open === !!node.vals[DetailsProp.Value]) return;
    page.enter(node, open, 0);
    return true;
  },
};

/** The last time that the person wanted a mount's dialog to close: by which event, the how manieth in a row that was, and when. */
const closings = new WeakMap<Page, readonly [event: number, inRow: number, at: number]>();
/** How long a plugin that has not closed its dialog opens none above the page, in ms. */
const wary = 5000;
const never = [0, 0, 0] as const;

/** Tells the plugin that the person wants its dialog to close. It may say no once; who wants it again has the page back. */
function shut(node: VNode, page: Page): void {
  const event = page.emit(node, DialogEvent.Close);
  const [last, before] = closings.get(page) ?? never;
  const inRow = event && event === last + 1 ? before + 1 : 1;
  if (!event || node.own || inRow > 1) (node.el as HTMLDialogElement).close();
  node.own = true;
  closings.set(page, [event, inRow, performance.now()]);
}

/** What a plugin says is heard and seen in its dialog above the page, beside which all else is inert; without one, below the plugin. Whatever is on its way goes along. */
function speak({ view }: Page, gone?: VNode): void {
  const { foot, said } = view;
  const at = Array.from(view.body.querySelectorAll("dialog:modal")).findLast((el) => el !== gone?.el) ?? foot;
  if (said[0]!.parentNode === at) return;
  if (at === foot) at.prepend(...said);
  else at.append(...said);
}

/** A dialog stands above the page if the person has just done something and has gone nowhere else, else in its place, where it leaves the keyboard alone. */
const dialog: Behaviour = {
  make(node, page) {
    const { host } = page;
    const el = node.el as HTMLDialogElement;
    // What is closed without the plugin having taken it away stands in its place, and the page is free.
    listen(el, "close", () => {
      el.open = true;
      speak(page);
    });
    // So it is when the plugin has failed: what is inert must not keep the page.
    const free = (): void => void (el.closest("[inert]") && el.matches(":modal") && el.close());
    host.addEventListener("vitrine", free);
    onDrop(node, () => {
      host.removeEventListener("vitrine", free);
      speak(page, node);
    });
  },
  after(node, page) {
    const el = node.el as HTMLDialogElement;
    part(node, 4).textContent = page.title;
    if (el.open || !el.isConnected) return;
    const [, inRow, at] = closings.get(page) ?? never;
    if (page.recent() && mayTake(page) && !(inRow > 1 && performance.now() < at + wary)) {
      el.showModal();
      speak(page);
    } else el.open = true; // show() moves the focus
  },
  on(node, event, page) {
    const { el } = node;
    const beside = event.type === "click" && event.target === el && !node.vals[2];
    if (event.type === "cancel") event.preventDefault();
    if (event.type !== "cancel" && !crossed(event) && !beside) return event.type === "click" && event.target === el;
    shut(node, page);
    return true;
  },
};

/** What opens and closes, and what scrolls. */
export const brings: Part = {
  does: {
    [Component.Tabs]: tabs, [Component.Tab]: chosen, [Component.Details]: details, [Component.Popover]: opener, [Component.Menu]: opener,
    [Component.Menuitem]: menuitem, [Component.Dialog]: dialog, [Component.Code]: code,
  },
};
