/** What costs less than a prompt and is measured beside it. */
export type AlternativeName =
  | 'bag of words'
  | 'head'
  | 'written prompt'
  | 'regression on all items'
  | 'regression on the same vectors';
