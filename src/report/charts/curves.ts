import * as Plot from '@observablehq/plot';
import { translate as t } from '../../language/translate.js';
import type { Html } from '../html.js';
import { COLORS, figure } from './chart.js';

/** A point of a learning curve. */
export interface CurvePoint {
  /** Updates or epochs done. */
  readonly at: number;
  readonly value: number;
  /** The line that it belongs to. */
  readonly line: string;
  readonly best?: boolean | undefined;
}

const STROKES = [COLORS.own, COLORS.second, COLORS.other] as const;
/** Few marks are told apart by more than their colour. */
const DASHES = ['none', '6 3', '2 3'] as const;
/** A longer curve's numbers are thinned out. */
const ROWS = 40;

/** Lines over updates or epochs; the best point of each, where points say so, is marked. */
export function curves(points: readonly CurvePoint[], what: string, along: string): Html {
  const names = [...new Set(points.map(({ line }) => line))];
  const ends = names.map((name) => points.findLast(({ line }) => line === name)!);
  const step = Math.ceil(points.length / names.length / ROWS);
  return figure({
    about: `${what}: ${ends.map(({ line, at, value }) => `${t(line)} ${value.toFixed(4)} (${t(along)} ${at})`).join(', ')}`,
    plot: {
      height: 280,
      marginRight: 150,
      x: { label: t(along) },
      y: { label: t(what), grid: true, nice: true },
      marks: [
        ...names.map((name, i) =>
          Plot.lineY(
            points.filter(({ line }) => line === name),
            {
              x: 'at',
              y: 'value',
              stroke: STROKES[i % STROKES.length]!,
              strokeDasharray: DASHES[Math.floor(i / STROKES.length + i) % DASHES.length]!,
              strokeWidth: 2,
            },
          ),
        ),
        Plot.dot(
          names.flatMap((name) => points.findLast(({ line, best }) => best && line === name) ?? []),
          { x: 'at', y: 'value', r: 5, fill: COLORS.text },
        ),
        Plot.text(ends, {
          x: 'at',
          y: 'value',
          text: ({ line }) => t(line),
          dx: 8,
          textAnchor: 'start',
          fill: COLORS.text,
          lineWidth: 12,
        }),
      ],
    },
    numbers: [
      [along, ...names],
      ...[...new Set(points.map(({ at }) => at))]
        .filter((_, i) => i % step === 0)
        .map((at) => [
          String(at),
          ...names.map(
            (name) => points.find((point) => point.line === name && point.at === at)?.value.toFixed(4) ?? '–',
          ),
        ]),
    ],
  });
}
