/**
 * The shapes that the picture is made of, and how they look. Pure.
 *
 * Colours come in two sets, for light pages and for dark ones, with a ground of their own: whatever
 * shows the picture, one fits the other. System fonts only.
 */

export const STYLE = `
  .ground { fill: #ffffff; stroke: #d1d9e0; }
  text { font: 13px system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; fill: #1f2328; }
  .title { font-size: 17px; font-weight: 600; }
  .quiet { font-size: 12px; fill: #59636e; }
  .figure { font-size: 12px; fill: #59636e; text-anchor: end; }
  .one { stroke: #59636e; stroke-dasharray: 3 3; }
  .target { stroke: #1f2328; stroke-width: 2; }
  .Holdfast { fill: #0969da; }
  .Redis { fill: #cf222e; }
  .memcached { fill: #8c959f; }
  .glockd { fill: #bf8700; }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0d1117; stroke: #3d444d; }
    text { fill: #f0f6fc; }
    .quiet, .figure { fill: #9198a1; }
    .one { stroke: #9198a1; }
    .target { stroke: #f0f6fc; }
    .Holdfast { fill: #4493f8; }
    .Redis { fill: #f85149; }
    .memcached { fill: #656c76; }
    .glockd { fill: #d29922; }
  }`;

export function text(x: number, y: number, kind: string, content: string): string {
  const name = kind === "" ? "" : ` class="${kind}"`;
  return `<text x="${round(x)}" y="${round(y)}"${name}>${escape(content)}</text>`;
}

export function rect(kind: string, x: number, y: number, width: number, height: number): string {
  const size = `width="${round(width)}" height="${height}"`;
  return `<rect class="${kind}" x="${round(x)}" y="${round(y)}" ${size} rx="2"/>`;
}

export function line(kind: string, x: number, from: number, to: number): string {
  return `<line class="${kind}" x1="${round(x)}" y1="${from}" x2="${round(x)}" y2="${to}"/>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

export function escape(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
