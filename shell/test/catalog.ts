// The catalog as tests want it: with names.
import { catalog as shapes, lists } from "../src/catalog.gen";
import { names } from "../src/names.gen";

/** A property by name: its kind, and the values of an enum. */
export interface PropSpec { name: string; kind: string; list: readonly string[] }
export interface EventSpec { name: string; fields: string; flow: string }
export interface Spec { name: string; props: PropSpec[]; events: EventSpec[] }

const values = lists.split(" ").map((list) => list.split(","));

export const catalog: readonly Spec[] = shapes.split(" ").map((shape, n) => {
  const [props = "", events = ""] = shape.split("/");
  const [name, propNames, eventNames] = names[n]!;
  const kinds = [...props.matchAll(/([a-z])(\d+)?(?::\d+)?/gi)];
  return {
    name,
    props: propNames.map((prop, i) => ({ name: prop, kind: kinds[i]![1]!.toLowerCase(), list: kinds[i]![1]!.toLowerCase() === "e" ? values[Number(kinds[i]![2])]! : [] })),
    events: eventNames.map((event, i) => ({ name: event, fields: events.split(",")[i]!.replace(/\W/, ""), flow: /[*^]$/.exec(events.split(",")[i]!)?.[0] ?? "" })),
  };
});

export const indexOf = (list: readonly { name: string }[], name: string): number => {
  const i = list.findIndex((entry) => entry.name === name);
  if (i < 0) throw new Error(`the catalog has no ${name}`);
  return i;
};
