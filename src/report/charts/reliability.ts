import * as Plot from '@observablehq/plot';
import type { ReliabilityBin } from '../../evaluation/calibration-error.js';
import { translate as t } from '../../language/translate.js';
import type { Html } from '../html.js';
import { COLORS, figure } from './chart.js';

/** How sure answers are beside how often they are right (DeGroot & Fienberg 1983); the larger a dot, the more texts. */
export function reliabilityChart(bins: readonly ReliabilityBin[]): Html {
  return figure({
    about: 'How sure the answers are beside how often they are right; on the dashed line both are equal',
    plot: {
      width: 420,
      height: 380,
      x: { label: t('how sure'), domain: [0, 1], grid: true },
      y: { label: t('how often right'), domain: [0, 1], grid: true },
      r: { range: [0, 14] },
      marks: [
        Plot.line(
          [
            [0, 0],
            [1, 1],
          ],
          { stroke: COLORS.line, strokeDasharray: '4 4' },
        ),
        Plot.dot(bins, { x: 'confidence', y: 'accuracy', r: 'examples', fill: COLORS.own, fillOpacity: 0.8 }),
      ],
    },
    numbers: [
      ['how sure', 'how often right', 'texts'],
      ...bins.map(({ confidence, accuracy, examples }) => [
        confidence.toFixed(3),
        accuracy.toFixed(3),
        String(examples),
      ]),
    ],
  });
}
