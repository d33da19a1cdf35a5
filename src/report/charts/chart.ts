import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { translate as t, translateName } from '../../language/translate.js';
import { Html, html } from '../html.js';

/** Colours that the page's two themes set; see `page.ts`. */
export const COLORS = {
  own: 'var(--own)',
  other: 'var(--other)',
  second: 'var(--second)',
  line: 'var(--line)',
  text: 'currentColor',
} as const;

const WIDTH = 680;

/** A chart as a picture with its numbers below it, for who cannot see the picture. */
export interface Chart {
  /** What one sees, in a sentence. */
  readonly about: string;
  readonly plot: Plot.PlotOptions;
  /** The first row is the heading. */
  readonly numbers: readonly (readonly string[])[];
  /** Whether headings and names of rows are a user's own words, which no language changes. */
  readonly own?: boolean;
}

/** Draws a chart on the server side: Observable Plot on a DOM of its own. */
export function figure({ about, plot, numbers, own }: Chart): Html {
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const svg = Plot.plot({ width: WIDTH, style: { fontSize: '13px' }, ...plot, document: document as never });
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', t(about));
  for (const inner of svg.querySelectorAll('g[aria-label]')) inner.removeAttribute('aria-label');
  return html`<figure>${new Html(svg.outerHTML)}<details><summary>${t('The numbers')}</summary>${table(numbers, own)}</details></figure>`;
}

/** A table whose first column names its rows. @param own see `Chart` */
export function table([heading, ...rows]: readonly (readonly string[])[], own = false): Html {
  const named = (text: string) => (own ? text : translateName(text));
  const [corner = '', ...columns] = heading ?? [];
  return html`<div class="wide" tabindex="0" role="region" aria-label="${t('table')}"><table><thead><tr>${
    corner === '' ? html`<td></td>` : html`<th scope="col">${named(corner)}</th>`
  }${columns.map((name) => html`<th scope="col">${named(name)}</th>`)}</tr></thead><tbody>${rows.map(
    ([name = '', ...cells]) =>
      html`<tr><th scope="row">${named(name)}</th>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>`,
  )}</tbody></table></div>`;
}
