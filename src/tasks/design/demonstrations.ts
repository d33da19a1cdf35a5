import type { Example } from '../../data/example.js';
import { type LabelScores, logProbabilities } from '../../evaluation/label-scores.js';
import { parseTemplate } from '../../prompt/parse-template.js';
import { formatTemplate } from '../../prompt/template.js';
import { Random } from '../../random.js';

/** Examples in front of a template: one of each label, at most so many. */
const MOST_SHOWN = 6;
/** Orders that are tried. */
const MOST_ORDERS = 12;
/** Letters of a shown text. */
const MOST_LETTERS = 200;

/** Templates with labelled examples in front, the same ones in different orders; each ends as the template does. */
export function demonstrationTemplates(
  template: string,
  labels: Readonly<Record<string, string>>,
  examples: readonly Example[],
  seed: number,
): { readonly templates: readonly string[]; readonly shown: readonly Example[] } {
  const random = new Random(seed);
  const shown = Object.keys(labels)
    .slice(0, MOST_SHOWN)
    .flatMap((key) => {
      const own = examples.filter(({ label }) => label === key);
      return own.length === 0 ? [] : [own[random.integer(own.length)]!];
    });
  const orders = new Map<string, readonly Example[]>();
  for (let tried = 0; tried < 10 * MOST_ORDERS && orders.size < MOST_ORDERS; tried++) {
    const order = random.shuffle([...shown]);
    orders.set(order.map(({ id }) => id).join('\n'), order);
  }
  const templates = [...orders.values()].map((order) => {
    const front = order.map((example) => filled(template, example, labels)).join('\\n');
    return `${front}\\n${template}`;
  });
  return { templates, shown };
}

function filled(template: string, example: Example, labels: Readonly<Record<string, string>>): string {
  return parseTemplate(template)
    .parts.map((part) => {
      if (part.kind === 'slot') return words((example.fields[part.field] ?? '').slice(0, MOST_LETTERS));
      return part.kind === 'label' ? words(labels[example.label!]!) : formatTemplate([part]);
    })
    .join('');
}

const words = (text: string) => formatTemplate([{ kind: 'words', text, at: 0 }]);

/**
 * Entropy of the labels that a prompt gives to texts (GlobalE of Lu et al. 2022, section 3.2): an order of examples that answers the
 * same to all of them is a bad one, which shows without any label.
 */
export function labelEntropy(scores: LabelScores): number {
  const { classes } = scores;
  const logs = logProbabilities(scores);
  const counts = new Array<number>(classes).fill(0);
  const rows = logs.length / classes;
  for (let n = 0; n < rows; n++) {
    let best = 0;
    for (let c = 1; c < classes; c++) if (logs[n * classes + c]! > logs[n * classes + best]!) best = c;
    counts[best]! += 1 / rows;
  }
  return -counts.reduce((sum, share) => sum + (share > 0 ? share * Math.log(share) : 0), 0);
}
