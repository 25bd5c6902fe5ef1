import type { Behaviour } from "./node";
import { shows } from "./shows";
import { Form } from "./values";

/** A place that shows a property: a part of the element, how it is set, and the name of what is set. */
export interface Sink { part: number; how: string; name: string; constant: string | undefined }

/**
 * A property: its kind (a letter), the form of its values on the wire, the bounds of what is a number on the wire, the values of an enum,
 * and where it is shown; mere if it is the first text of the element and nothing else.
 */
export interface Prop { kind: string; form: Form; low: number; high: number; list: readonly string[]; sinks: Sink[]; mere: boolean }

/** A component, as the catalog and the page's own table say. */
export interface Entry {
  props: Prop[];
  /** Of each event the kinds of its payload's fields, with * if only the newest need arrive. */
  events: string[];
  /** A bit for each property that must be there. */
  needs: number;
  /** What it may hold, undefined for whatever asks for no particular parent. */
  holds: readonly number[] | undefined;
  picky: boolean;
  edits: boolean;
  /** The element, to be cloned, and the way to each of its parts. */
  proto: HTMLElement;
  paths: number[][];
  /** The part that holds the children. */
  into: number;
  /** The event that something in the page leads to. */
  on: Record<string, number>;
  /** The number of the property that switches it off, -1 if there is none. */
  off: number;
  does: Behaviour;
  /** The files that bring what it does and are not there yet. */
  part: string[];
}

/** The closed catalog, by number. */
export let entries: readonly Entry[] = [];

/** Makes the elements that a line of the table describes; marks parts. Names are the table's own. */
function markup(line: string, paths: number[][]): HTMLElement {
  const roots: HTMLElement[] = [];
  const open: HTMLElement[] = [];
  const path: number[] = [];
  let last!: HTMLElement;
  for (const [token, tag, classes, attributes, words, part] of line.matchAll(/(\w+)([.\w-]*)(?:\{(.*?)\})?(?:"(.*?)")?(?:@(\d))?|[()]/g)) {
    if (token === "(") path[open.push(last) - 1] = -1;
    else if (token === ")") path.length = open.length -= 1;
    else {
      const el = (last = document.createElement(tag!));
      if (classes) el.className = classes.slice(1).replaceAll(".", " ");
      for (const pair of attributes?.split(";") ?? []) el.setAttribute(pair.split("=")[0]!, pair.split("=")[1]!);
      if (words) el.append(words);
      if (path.length) path[path.length - 1]!++;
      if (open.length) open.at(-1)!.append(el);
      else roots.push(el);
      if (part) paths[+part] = [...path];
    }
  }
  return roots[0]!;
}

const kinds = /([a-z])(?:(\d+)(?::(\d+))?)?/gi;

/** Reads the tables, catalog.txt: a line each for the lists of values and the components, and one for how each component stands in the page. */
export function fill(tables: string): void {
  const [lists, catalog, ...looks] = tables.split("\n") as [string, string, ...string[]];
  const values = lists.split(" ").map((list) => list.split(","));
  entries = catalog.split(" ").map((line, number) => {
    const [props, events, holds] = line.split("/") as [string, string, string];
    const [shape, sinks = "", on = "", into = "", part = ""] = looks[number]!.split("|") as [string];
    const paths: number[][] = [[]];
    const proto = markup(shape!, paths);
    const entry: Entry = {
      props: [], needs: 0, paths, proto, on: {}, into: +into, part: part.match(/\w+/g) ?? [], off: -1, does: shows[number] ?? {},
      events: events ? events.split(",") : [],
      edits: holds.includes("="), picky: holds.includes("!"),
      holds: holds.includes("*") ? undefined : (holds.match(/\d+/g) ?? []).map(Number),
    };
    const shown = sinks.split(" ");
    for (const [, kind, a, b] of props.matchAll(kinds)) {
      const n = entry.props.length;
      const low = kind!.toLowerCase();
      if (kind !== low) entry.needs |= 1 << n;
      const at = (shown[n] ?? "_").split("+").filter((sink) => sink !== "_").map((sink): Sink => {
        const [, part, how, name, constant] = /^(\d?)([=.~#-]?)([^:]*)(?::(.*))?$/.exec(sink)!;
        if (name!.endsWith("disabled")) entry.off = n;
        return { part: +part!, how: how!, name: how === "-" ? `data-${name}` : name!, constant };
      });
      const list = (low === "e" && values[+a!]) || [];
      const mere = low === "t" && at[0]?.how === "=" && !at[0].part && !at[1];
      entry.props.push({ mere, kind: low, form: low === "n" ? Form.Float : "tald".includes(low) ? Form.Bytes : Form.Number, list, sinks: at, low: +(b ? a! : 0), high: +(b ?? (list.length || 2) - 1) });
      for (const { part, how } of at) if (how === "=") follow(proto, paths[part]!).prepend("");
    }
    on.split(" ").forEach((type, n) => type && (entry.on[type] = n));
    return entry;
  });
}

/** The element at the end of a path of child numbers. */
export function follow(el: Element, path: readonly number[]): HTMLElement {
  for (const n of path) el = el.children[n]!;
  return el as HTMLElement;
}
