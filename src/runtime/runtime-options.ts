import { choice, count } from '../options/kind.js';
import { declareOptions } from '../options/option.js';
import { RUNTIMES } from './runtime-choice.js';

/** What computes: of every command that loads a runtime. */
export const RUNTIME = declareOptions({
  runtime: {
    kind: choice('<name>', RUNTIMES),
    about: 'what computes',
    auto: 'SOFTPROMPT_RUNTIME; else native, or wasm where native is missing',
  },
});

export const THREADS = declareOptions({
  threads: { kind: count(256), about: 'threads of the runtime', auto: 'one a core' },
});
