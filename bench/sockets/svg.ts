/**
 * The results as a picture: a bar for each server, as long as its rate in proportion to Redis (or to
 * Holdfast over plain TCP), and a mark where the target is. Pure.
 */
import { entriesOf, type Entry, type Measured } from "./compare.ts";
import { type ServerName, yardstickOf } from "./rows.ts";
import { escape, line, rect, STYLE, text } from "./svg_shapes.ts";
import * as words from "./words.ts";

const WIDTH = 860;
const MARGIN = 24;
/** Where bars begin and where the longest ends; titles stand before, figures behind. */
const BARS_AT = 260;
const BARS_WIDTH = 430;
const BAR_HEIGHT = 13;
const BAR_GAP = 3;
const ROW_GAP = 15;
const HEAD_HEIGHT = 92;

interface Group {
  readonly title: string;
  readonly against: string;
  readonly bars: readonly Entry[];
  /** Of the rate; undefined where the row is about something else. */
  readonly bound: number | undefined;
}

export function svgOf(measured: readonly Measured[], caption: readonly string[]): string {
  const groups = measured.map(groupOf).filter(({ bars }) => bars.length > 0);
  const longest = Math.max(1, ...groups.flatMap(ratiosOf));
  const scale = BARS_WIDTH / longest;
  let top = HEAD_HEIGHT;
  const drawn = groups.map((group) => {
    const text = draw(group, top, scale);
    top += heightOf(group) + ROW_GAP;
    return text;
  });
  const height = top + 18 * caption.length + MARGIN;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="title desc" ` +
    `width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}">`,
    `<title id="title">Holdfast beside other servers over sockets</title>`,
    `<desc id="desc">${escape(groups.map(tell).join(" "))}</desc>`,
    `<style>${STYLE}\n</style>`,
    `<rect class="ground" x="0.5" y="0.5" width="${WIDTH - 1}" height="${height - 1}" rx="8"/>`,
    ...head(groups),
    ...drawn,
    ...caption.map((said, i) => text(MARGIN, top + 18 * (i + 1), "quiet", said)),
    "</svg>",
  ].join("\n") + "\n";
}

/** What has a ratio: of those whose yardstick is Holdfast itself, only Holdfast. */
function groupOf(one: Measured): Group {
  const { row } = one;
  const isOwn = row.yardstick.server === "Holdfast";
  const bars = entriesOf(one).filter(({ load, ratio }) =>
    ratio !== undefined && (isOwn ? load === row.ours : true)
  );
  const bound = row.targets.find(({ figure }) => figure === "rate")?.bound;
  return { title: row.title, against: yardstickOf(row), bars, bound };
}

function ratiosOf({ bars, bound = 0 }: Group): readonly number[] {
  return [bound, ...bars.map(({ ratio }) => ratio!.median)];
}

function heightOf({ bars }: Group): number {
  return Math.max(30, bars.length * (BAR_HEIGHT + BAR_GAP));
}

/** The title, and what colour is whose. */
function head(groups: readonly Group[]): readonly string[] {
  const seen = new Set(groups.flatMap(({ bars }) => bars.map(({ load }) => load.server)));
  let x = MARGIN;
  const legend = [...seen].flatMap((server: ServerName) => {
    const at = x;
    x += 42 + 8 * server.length;
    return [rect(server, at, 60, 12, 12), text(at + 18, 71, "quiet", server)];
  });
  const mark = [line("target", x, 58, 74), text(x + 8, 71, "quiet", "target")];
  return [
    text(MARGIN, 34, "title", "Requests a second, in proportion"),
    ...legend,
    ...mark,
  ];
}

function draw(group: Group, top: number, scale: number): string {
  const height = heightOf(group);
  const bars = group.bars.flatMap(({ load, ratio, report }, i) => {
    const y = top + i * (BAR_HEIGHT + BAR_GAP);
    const width = Math.max(1, ratio!.median * scale);
    const said = `${words.times(ratio!.median)}  ${words.rate(report.requestsPerSecond)}/s`;
    return [
      rect(load.server, BARS_AT, y, width, BAR_HEIGHT),
      text(WIDTH - MARGIN, y + 11, "figure", said),
    ];
  });
  const one = line("one", BARS_AT + scale, top - 4, top + height + 1);
  const { bound } = group;
  const mark = bound === undefined
    ? []
    : [line("target", BARS_AT + bound * scale, top - 3, top + BAR_HEIGHT + 3)];
  return [
    text(MARGIN, top + 11, "", group.title),
    text(MARGIN, top + 27, "quiet", `to ${group.against}`),
    one,
    ...bars,
    ...mark,
  ].join("\n");
}

/** A sentence for who cannot see it. */
function tell({ title, against, bars }: Group): string {
  const said = bars.map(({ load, ratio }) => `${load.server} ${words.times(ratio!.median)}`);
  return `${title}, in proportion to ${against}: ${said.join(", ")}.`;
}
