import { separateChinese, splitAtSpace } from './text-tokens.js';

/** How the features of items turn up in explanations (Li et al., CIKM 2020, section 5.3). */
export interface FeatureReport {
  /** FCR: features that some explanation names, divided by all features. */
  readonly coverage: number;
  /** FMR: explanations that name the feature which is right for them, divided by all. */
  readonly matching: number;
  /** DIV: features that two explanations have in common, mean over pairs of explanations. The less, the better. */
  readonly diversity: number;
}

/**
 * @param explanations one a user and item
 * @param features the feature that is right for each; all of them together are the features there are
 */
export function featureReport(explanations: readonly string[], features: readonly string[]): FeatureReport {
  const all = new Set(features.map(normal));
  const named = explanations.map((explanation) => {
    const text = ` ${normal(explanation)} `;
    return new Set([...all].filter((feature) => text.includes(` ${feature} `)));
  });
  const covered = new Set(named.flatMap((found) => [...found]));
  const matching = named.filter((found, i) => found.has(normal(features[i]!))).length;
  let common = 0;
  for (const feature of covered) {
    const times = named.filter((found) => found.has(feature)).length;
    common += (times * (times - 1)) / 2;
  }
  const pairs = (named.length * (named.length - 1)) / 2;
  return {
    coverage: all.size === 0 ? 0 : covered.size / all.size,
    matching: named.length === 0 ? 0 : matching / named.length,
    diversity: pairs === 0 ? 0 : common / pairs,
  };
}

/** Words in lower case between single spaces, punctuation apart; Chinese characters by themselves. */
function normal(text: string): string {
  return splitAtSpace(separateChinese(text.toLowerCase()).replace(/[\p{P}\p{S}]/gu, ' ')).join(' ');
}
