import * as Plot from '@observablehq/plot';
import type { Interval } from '../../evaluation/resampling.js';
import { translate as t } from '../../language/translate.js';
import type { Html } from '../html.js';
import { COLORS, figure } from './chart.js';

export interface Bar {
  readonly name: string;
  readonly value: number;
  /** Where the figure may lie, with 95 %. */
  readonly interval?: Interval | null | undefined;
  /** Whether it is what the report is about. */
  readonly own?: boolean;
}

/** Bars beside each other with their intervals, in the order given. */
export function bars(bars: readonly Bar[], what: string, digits = 3): Html {
  const shown = bars.map((bar) => ({ ...bar, name: t(bar.name) }));
  const longest = Math.max(...shown.map(({ name }) => [...name].reduce((n, c) => n + (c > '⺀' ? 13 : 7), 0)));
  const marginLeft = Math.min(260, 16 + longest);
  const bounded = shown.flatMap(({ name, interval, own }) => (interval ? [{ name, interval, own }] : []));
  return figure({
    about: `${what}: ${shown.map(({ name, value }) => `${name} ${value.toFixed(digits)}`).join(', ')}`,
    plot: {
      marginLeft,
      marginRight: 60,
      marginBottom: 48,
      height: 70 + 30 * shown.length,
      x: { label: t(what), labelOffset: 42, grid: true, zero: true, ticks: 5 },
      y: { label: null, domain: shown.map(({ name }) => name), tickSize: 0 },
      marks: [
        Plot.barX(shown, { x: 'value', y: 'name', fill: ({ own }) => (own ? COLORS.own : COLORS.other), inset: 4 }),
        Plot.ruleY(bounded, {
          x1: ({ interval }) => interval[0],
          x2: ({ interval }) => interval[1],
          y: 'name',
          stroke: COLORS.text,
          strokeWidth: 2,
        }),
        Plot.text(shown, {
          x: ({ value, interval }) => Math.max(value, interval?.[1] ?? value),
          y: 'name',
          text: ({ value }) => value.toFixed(digits),
          dx: 6,
          textAnchor: 'start',
          fill: COLORS.text,
        }),
        Plot.ruleX([0], { stroke: COLORS.line }),
      ],
    },
    numbers: [
      ['', what, '95 %'],
      ...shown.map(({ name, value, interval }) => [
        name,
        value.toFixed(digits),
        interval ? `[${interval.map((end) => end.toFixed(digits)).join(', ')}]` : '–',
      ]),
    ],
  });
}
