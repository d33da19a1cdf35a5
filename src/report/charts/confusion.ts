import * as Plot from '@observablehq/plot';
import type { ClassificationReport } from '../../evaluation/classification-report.js';
import { translate as t } from '../../language/translate.js';
import type { Html } from '../html.js';
import { COLORS, figure } from './chart.js';

/** Larger matrices are shown as their table alone. */
const MOST_LABELS = 20;

/** Right labels by predicted ones, with precision, recall and F1 of each in the numbers. */
export function confusionChart({ labels, confusion }: ClassificationReport): Html {
  const names = labels.map(({ label }) => label);
  const cells = confusion.flatMap((row, right) => {
    const all = row.reduce((sum, count) => sum + count, 0);
    return row.map((count, predicted) => ({
      right: names[right]!,
      predicted: names[predicted]!,
      count,
      share: all === 0 ? 0 : count / all,
      isRight: right === predicted,
    }));
  });
  const size = Math.min(70, 560 / names.length);
  return figure({
    about: 'How often each right label was predicted as which',
    plot: {
      width: Math.min(680, 160 + size * names.length),
      marginLeft: 120,
      marginTop: 40,
      height: names.length > MOST_LABELS ? 0 : 60 + 44 * names.length,
      x: { axis: 'top', label: t('predicted'), domain: names },
      y: { label: t('right'), domain: names },
      marks: [
        Plot.cell(cells, {
          x: 'predicted',
          y: 'right',
          fill: ({ isRight }) => (isRight ? COLORS.own : COLORS.second),
          fillOpacity: ({ share }) => 0.08 + 0.32 * share,
          inset: 1,
        }),
        Plot.text(cells, { x: 'predicted', y: 'right', text: ({ count }) => String(count), fill: COLORS.text }),
      ],
    },
    own: true,
    numbers: [
      [t('right \\ predicted'), ...names, t('precision'), t('recall'), 'F1'],
      ...labels.map(({ label, precision, recall, f1 }, c) => [
        label,
        ...confusion[c]!.map(String),
        ...[precision, recall, f1].map((figure) => figure.toFixed(3)),
      ]),
    ],
  });
}
