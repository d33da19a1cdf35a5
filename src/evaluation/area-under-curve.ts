/**
 * The area under the ROC curve: the chance that an example whose answer is yes scores above one whose answer is no, equal
 * scores counting one half (Fawcett 2006, section 7; as scikit-learn's `roc_auc_score`). Undefined where one answer is missing.
 */
export function areaUnderCurve(scores: ArrayLike<number>, yes: ArrayLike<number | boolean>): number | undefined {
  return weightedArea(scores, yes)(() => 1);
}

/**
 * The same where each example counts as often as a weight says; sorted once, for many weights.
 * @returns of the weight of an example
 */
export function weightedArea(
  scores: ArrayLike<number>,
  yes: ArrayLike<number | boolean>,
): (weight: (example: number) => number) => number | undefined {
  const order = Int32Array.from({ length: scores.length }, (_, i) => i).sort((a, b) => scores[a]! - scores[b]!);
  return (weight) => {
    let positives = 0;
    let negatives = 0;
    let wins = 0;
    for (let start = 0; start < order.length; ) {
      let end = start;
      const equal = [0, 0]; // noes and yeses of equal scores
      for (; end < order.length && scores[order[end]!] === scores[order[start]!]; end++) {
        const example = order[end]!;
        equal[Number(yes[example])]! += weight(example);
      }
      wins += equal[1]! * (negatives + equal[0]! / 2);
      negatives += equal[0]!;
      positives += equal[1]!;
      start = end;
    }
    return positives === 0 || negatives === 0 ? undefined : wins / (positives * negatives);
  };
}

/** The plain mean of the groups' areas, over groups that have both answers; undefined where none has. */
export function areaPerGroup(
  scores: ArrayLike<number>,
  yes: ArrayLike<number | boolean>,
  groups: readonly string[],
): { readonly mean: number | undefined; readonly groups: number } {
  const members = new Map<string, number[]>();
  groups.forEach((group, i) => {
    const known = members.get(group);
    if (known === undefined) members.set(group, [i]);
    else known.push(i);
  });
  const areas = [...members.values()].flatMap((own) => {
    const area = areaUnderCurve(
      own.map((i) => scores[i]!),
      own.map((i) => Number(yes[i])),
    );
    return area === undefined ? [] : [area];
  });
  const sum = areas.reduce((total, area) => total + area, 0);
  return { mean: areas.length === 0 ? undefined : sum / areas.length, groups: areas.length };
}
