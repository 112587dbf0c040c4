/** Bars as a list: label, bar, amount in words. The bar is a picture only; what it says stands beside it. */
import type { Chart } from "../document.ts";
import { type Html, html } from "./escape.ts";

/** Bars are drawn on a scale of whole numbers, so that the same amounts give the same bytes. */
const scale = 1_000;

export function chart({ title, legend, rows }: Chart): Html {
  const most = Math.max(...rows.flatMap(({ parts }) => parts.map(({ to }) => to)), 0);
  const placed = (amount: number): number => (most > 0 ? Math.round((amount / most) * scale) : 0);
  const keys = legend.map((label, at) => html`<span class="key key${at}">${label}</span>`);
  const bar = ({ series, from, to }: Chart["rows"][number]["parts"][number]): Html => {
    const start = placed(from);
    // What took part at all is seen.
    const width = to > from ? Math.max(3, placed(to) - start) : 0;
    return html`<rect class="s${series}" x="${Math.min(start, scale - width)}" y="0" width="${width}" height="10"/>`;
  };
  return html`<figure class="chart"><figcaption><b>${title}</b>${keys}</figcaption>
<ul class="bars">${rows.map(
    ({ label, amount, parts }) =>
      html`<li><span>${label}</span><svg viewBox="0 0 ${scale} 10" preserveAspectRatio="none" aria-hidden="true">${parts.map(bar)}</svg><span>${amount}</span></li>\n`,
  )}</ul></figure>\n`;
}
