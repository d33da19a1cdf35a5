import { existsSync } from 'node:fs';

/** The options of a job that learns from texts, its paths seen from elsewhere; a model that is no folder there keeps its name. */
export function taskPaths<
  Options extends {
    readonly train: string;
    readonly model?: string | undefined;
    readonly valid?: string | undefined;
    readonly test?: string | undefined;
  },
>(options: Options, change: (path: string) => string): Options {
  const { model, train, valid, test } = options;
  return {
    ...options,
    train: change(train),
    ...(model !== undefined && { model: existsSync(change(model)) ? change(model) : model }),
    ...(valid !== undefined && { valid: change(valid) }),
    ...(test !== undefined && { test: change(test) }),
  };
}
