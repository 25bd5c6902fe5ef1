import { Code } from "../codes.gen";
import { Frame } from "../frames";
import type { Part } from "../loaded";
import type { Page } from "../node";
import { end, fail, text, uint, type WirePart } from "../core";

const reasons: Readonly<Record<number, string>> = { [Code.Denied]: "denied", [Code.Invalid]: "invalid", [Code.Limit]: "limit" };
const maxJson = 64 << 10;
const maxName = 64;
const maxWords = 2048;
/** How often props are said, in ms; of those in between the newest count. */
const often = 100;
/** Of so many calls the answers are known; no more wait at once. */
const mostAnswers = 16;

/** What passed between the page and a plugin, in one mount. */
interface Side {
  /** The props that were said last, as JSON, with their number, and when. */
  words: string;
  count: number;
  time: number;
  timer?: ReturnType<typeof setTimeout> | undefined;
  /** Why the newest props were refused in the page itself: an application that renders anew for a refusal, with the same, hears of it once. */
  wrong?: string | undefined;
  /** The value that they were, and what was heard of props last: after a drop it comes again. */
  value?: unknown;
  heard?: string;
  /** The last call that was taken. */
  last: number;
  answers: (readonly WirePart[])[];
}

const sides = new WeakMap<Page, Side>();
const anew = (page: Page): Side => {
  const side = { words: "{}", count: 0, time: -Infinity, last: 0, answers: [] };
  clearTimeout(sides.get(page)?.timer);
  sides.set(page, side);
  return side;
};
const sideOf = (page: Page): Side => sides.get(page) ?? anew(page);

/** What the page has put at the element. */
interface Given { props?: unknown; callbacks?: Readonly<Record<string, (input: unknown) => unknown>> }

const given = ({ host }: Page): Given => host as Given;

/** Says to the page's developer that props were not taken. */
function refuse(page: Page, code: Code, message: string): void {
  console.error(`vitrine: props of the page were refused: ${message}`);
  page.host.dispatchEvent(new CustomEvent("vitrine-refused", { detail: { code: reasons[code] ?? "invalid", message } }));
}

const tooLong = (json: string): boolean => new TextEncoder().encode(json).length > maxJson;

/** The page's props as JSON, undefined for what is not said. */
function wordsOf(page: Page, side: Side): string | undefined {
  side.time = performance.now();
  const value = given(page).props;
  let json: string | undefined;
  let wrong: string | undefined;
  let code = Code.Invalid;
  try {
    json = JSON.stringify(value ?? {}) as string | undefined;
    if (json === undefined) wrong = "they have no JSON";
    else if (tooLong(json)) [code, wrong] = [Code.Limit, `they are longer than ${maxJson} bytes`];
  } catch (e) {
    wrong = String(e);
  }
  const known = side.wrong;
  side.wrong = wrong;
  if (wrong === undefined) {
    if (json !== side.words) side.value = value;
    return json;
  }
  if (wrong !== known) refuse(page, code, wrong);
  return undefined;
}

function say(page: Page, side: Side): void {
  side.timer = undefined;
  if (!page.number || sides.get(page) !== side) return; // they go with MOUNT
  const words = wordsOf(page, side);
  if (words === undefined || words === side.words) return;
  side.words = words;
  page.say(Frame.Props, ++side.count, words);
}

/** What a function of the page answers. */
async function answerOf(page: Page, name: string, input: string): Promise<WirePart[]> {
  const { callbacks } = given(page);
  const call = callbacks && Object.hasOwn(callbacks, name) && callbacks[name];
  if (typeof call !== "function") return [Code.Unsupported];
  try {
    const json = JSON.stringify((await call(JSON.parse(input))) ?? null) as string | undefined;
    if (json === undefined) return [Code.Internal];
    return tooLong(json) ? [Code.Limit] : [Code.Ok, json];
  } catch (e) {
    reportError(e);
    return [Code.Internal];
  }
}

/** Runs a function of the page, once for each call. */
async function run(page: Page, number: number, name: string, input: string): Promise<void> {
  const side = sideOf(page);
  if (number <= side.last) return;
  side.last = number;
  const answer = [number, ...(await answerOf(page, name, input))];
  if (sides.get(page) !== side) return; // the plugin that asked is gone
  side.answers = [...side.answers, answer].slice(-mostAnswers);
  page.say(Frame.Answer, ...answer);
}

export const brings: Part = {
  opening(page) {
    const side = anew(page);
    const words = wordsOf(page, side);
    if (words === undefined || words === side.words) return [];
    side.words = words;
    return [words];
  },
  tell(page) {
    const side = sideOf(page);
    side.timer ??= setTimeout(() => say(page, side), side.time + often - performance.now());
  },
  called(page, type) {
    const number = uint();
    if (type === Frame.Call) {
      const [name, input] = [text(maxName), text(maxJson)];
      end();
      if (!number) fail("no such call");
      void run(page, number, name, input);
    } else {
      const code = type === Frame.Refused && (uint() || fail("no reason"));
      const words = code ? text(maxWords) : "";
      end();
      const side = sideOf(page);
      const heard = `${number} ${code}`;
      if (side.heard === heard) return;
      side.heard = heard;
      if (code) refuse(page, code, words);
      else if (number === side.count) page.host.dispatchEvent(new CustomEvent("vitrine-taken", { detail: { props: side.value } }));
    }
  },
  again(page) {
    const { count, words, answers } = sideOf(page);
    if (count) page.say(Frame.Props, count, words);
    for (const answer of answers) page.say(Frame.Answer, ...answer);
  },
};
