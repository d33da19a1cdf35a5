/** What a model gives the tokens of right answers: a sum of −log P in nats, and how many tokens it is over. */
export interface AnswerLikelihood {
  readonly nll: number;
  readonly tokens: number;
}

/** exp(Σ −log P / tokens), of the answers that `chosen` picks. */
export function perplexity(answers: readonly AnswerLikelihood[], chosen: Iterable<number> = answers.keys()): number {
  let [nll, tokens] = [0, 0];
  for (const i of chosen) {
    nll += answers[i]!.nll;
    tokens += answers[i]!.tokens;
  }
  return Math.exp(nll / tokens);
}
