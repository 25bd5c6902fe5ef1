import { ChartProp, SeriesProp } from "../catalog.gen";
import type { Behaviour, Value, VNode } from "../node";
import { brush, watch } from "./brush";
import { amount } from "./units";
import { attr, kidsIn, ownerOf, part } from "../core";

const enum Type { Line, Bar, Area }
const height = 200;
const maxPoints = 4096;
/** The inks of series that say nothing of their tone. */
const cycle = [2, 3, 4, 5, 1];
/** Beyond it a range would be no number. */
const most = 1e300;
const dot = 3;
const faint = 6;
const muted = 1;

const within = (n: number, edge = most): number => (Number.isFinite(n) ? Math.max(-edge, Math.min(edge, n)) : n);

interface Line { points: number[]; ink: number }

function linesOf(node: VNode): Line[] {
  return kidsIn(part(node, 4)).map((el, n) => {
    const { vals } = ownerOf(el)!;
    const ink = Number(vals[SeriesProp.Tone] ?? cycle[n % cycle.length]);
    attr(el, "data-ink", ink);
    return { ink, points: String(vals[SeriesProp.Points]).split(/\s+/, maxPoints).filter(Boolean).map((point) => within(Number(point))) };
  });
}

/** A step of 1, 2 or 5 times a power of ten, of which some four fit. */
function stepOf(range: number): number {
  const power = 10 ** Math.floor(Math.log10(range / 4 || 1));
  return [1, 2, 5, 10].map((n) => n * power).find((step) => range / step <= 5) ?? range;
}

const tileSize = 6;
/** How much of a tile each ink fills, wide and high. The legend has the same (needs.css). */
const tiles: readonly (readonly [wide: number, high: number])[] = [[6, 6], [6, 3], [6, 6], [3, 6], [3, 3], [6, 1]];

/** Where the person forces the colours, all tones look alike: what is filled gets an edge and a pattern, and hides what it stands on. */
function hatch(context: CanvasRenderingContext2D, n: number): void {
  const tile = new OffscreenCanvas(tileSize, tileSize);
  const pen = tile.getContext("2d")!;
  pen.fillStyle = context.fillStyle;
  pen.fillRect(0, 0, ...tiles[n]!);
  context.globalCompositeOperation = "destination-out";
  context.fillStyle = "#000"; // colours of the system may let through what is below
  context.fill();
  context.globalCompositeOperation = "source-over";
  context.lineWidth = 1;
  context.stroke();
  context.fillStyle = context.createPattern(tile, "repeat")!;
}

function draw(node: VNode): void {
  const plot = part(node, 1);
  const { vals } = node;
  const lines = linesOf(node);
  const [wide, high] = [plot.clientWidth, Number(vals[ChartProp.Height] ?? height)];
  const pen = brush(part(node, 2) as HTMLCanvasElement, part(node, 3), wide, high, wide && devicePixelRatio);
  const count = Math.max(0, ...lines.map(({ points }) => points.length));
  if (!pen || !count) return;
  const { context, ink } = pen;
  const type = Number(vals[ChartProp.Type] ?? 0);
  const stacked = !!vals[ChartProp.Stacked] && type !== Type.Line;
  const tops = lines.map(({ points }, n) => points.map((p, i) => (stacked ? lines.slice(0, n).reduce((sum, l) => sum + (l.points[i] || 0), p) : p)));
  const known = tops.flat().filter(Number.isFinite);
  const bare = !!vals[ChartProp.Bare];
  const zero = type === Type.Line && bare ? [] : [0];
  const edge = (given: Value, own: number): number => within([Number(given ?? NaN), own].find(Number.isFinite) ?? 0);
  // Whatever the plugin says, the lower edge is below the upper one.
  const [low, peak] = [edge(vals[ChartProp.Min], Math.min(...known, ...zero)), edge(vals[ChartProp.Max], Math.max(...known, ...zero))].toSorted((a, b) => a - b) as [number, number];
  // Bars end before the edge that the page gives them.
  const top = type === Type.Bar && vals[ChartProp.Max] === undefined ? peak + (peak - low) / 20 : peak;
  const range = top - low || 1;
  const names = bare ? [] : String(vals[ChartProp.Labels] ?? "").split("\n");
  // Kept apart from the direction of the page: a sign stays on its side of the number.
  const words = (n: number): string => `\u2068${amount(n, digits, vals[ChartProp.Unit])}\u2069`;
  const step = stepOf(range);
  // As many as tell one tick from the next.
  const digits = Math.min(15, Math.max(6, Math.ceil(Math.log10(Math.max(Math.abs(low), Math.abs(top)) / step)) + 1));
  const ticks: number[] = [];
  // Each is a multiple of the step: sums of steps would not meet 0.
  if (!bare) for (let i = Math.ceil(low / step); i * step <= top + step / 1e6 && ticks.length < 12; i++) ticks.push(i * step + 0);
  const left = bare ? 1 : Math.max(0, ...ticks.map((n) => context.measureText(words(n)).width)) + 8;
  const foot = high - (bare ? 2 : names[0] ? 20 : 6);
  const x = (i: number): number => left + ((wide - left - 2) * (type === Type.Bar ? i + 0.5 : count > 1 ? i : 0.5)) / (type === Type.Bar ? count : Math.max(1, count - 1));
  // What lies far outside is not drawn where no canvas reaches.
  const y = (n: number): number => foot - within(((foot - 6) * (n - low)) / range, 1e5);
  for (const n of ticks) {
    ink(faint);
    context.fillRect(left, Math.round(y(n)), wide, 1);
    ink(muted);
    context.textAlign = "right";
    context.fillText(words(n), left - 6, y(n) + 4);
  }
  const every = Math.ceil((names.length * 64) / (wide - left));
  context.textAlign = "center";
  ink(muted);
  names.forEach((name, i) => {
    if (i % every) return;
    const half = context.measureText(name).width / 2;
    context.fillText(name, Math.max(half, Math.min(x(i), wide - half)), high - 4);
  });
  const forced = matchMedia("(forced-colors: active)").matches;
  const fill = (n: number, alpha: number): void => {
    if (forced) hatch(context, n);
    else context.globalAlpha = alpha;
    context.fill();
    context.globalAlpha = 1;
    ink(n);
  };
  const slot = (wide - left) / count;
  const room = Math.max(1, (slot * 0.75) / (stacked ? 1 : lines.length));
  // What stands on others is drawn from the top down.
  lines.map((_, n) => (stacked ? lines.length - 1 - n : n)).forEach((n) => {
    ink(lines[n]!.ink);
    if (type === Type.Bar) {
      tops[n]!.forEach((p, i) => {
        if (!Number.isFinite(p)) return;
        const from = y(Math.max(Math.min(0, top), low));
        context.beginPath();
        context.rect(x(i) - slot * 0.375 + (stacked ? 0 : n * room), Math.min(y(p), from), Math.max(1, room - 1), Math.abs(y(p) - from));
        fill(lines[n]!.ink, 1);
      });
      return;
    }
    context.lineWidth = 2;
    context.lineJoin = "round";
    for (let i = 0, from = -1; i <= count; i++) {
      const p = tops[n]![i];
      if (Number.isFinite(p)) {
        if (from < 0) {
          context.beginPath();
          from = i;
        }
        context.lineTo(x(i), y(p!));
      } else if (from >= 0) {
        // A way of one point has no line.
        if (from === i - 1) {
          context.arc(x(from), y(tops[n]![from]!), dot, 0, 7);
          context.fill();
        } else context.stroke();
        if (type === Type.Area) {
          context.lineTo(x(i - 1), foot);
          context.lineTo(x(from), foot);
          fill(lines[n]!.ink, stacked ? 0.85 : 0.2);
        }
        from = -1;
      }
    }
  });
}

/** Lines, bars and areas, with their axes. */
export const chart: Behaviour = {
  make: (node) => watch(node, part(node, 1), () => draw(node)),
  after: (node) => draw(node),
};
