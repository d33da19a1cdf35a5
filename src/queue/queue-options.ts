import { count, positive, text, toggle, whole } from '../options/kind.js';
import { declareOptions } from '../options/option.js';

const STORE = {
  kind: text('<place>'),
  about: 'where workers find data and models and leave what they made: a folder that all reach, or s3://BUCKET/PREFIX',
  auto: 'SOFTPROMPT_STORE; else a folder in the cache, for workers on this machine',
} as const;

/** Of commands whose parts a queue can carry. */
export const ON_QUEUE = declareOptions({
  on: {
    kind: text('<queue>'),
    about:
      'have the parts done by workers of a queue (softprompt worker): redis://HOST:6379 or postgres://USER@HOST/NAME',
  },
  store: STORE,
  priority: { kind: whole(0, 1000), about: 'of jobs on a queue, higher ones come first', default: 0 },
  needsMemory: {
    kind: positive('<mib>'),
    about: 'memory that a worker must have for a part, in MiB',
    auto: 'from the size of the model',
  },
  piecesAlways: {
    kind: toggle,
    about: 'with --pieces: give them to the queue even where that takes longer than to compute them here',
  },
  cancel: { kind: toggle, about: 'Ctrl-C cancels the jobs too; else they go on, and the same call finds them done' },
});

/** Of `softprompt worker`. */
export const WORKER = declareOptions({
  queue: {
    kind: text('<queue>'),
    about: 'whose jobs to do: redis://HOST:6379 or postgres://USER@HOST/NAME',
    required: 'the address of a queue',
  },
  store: { ...STORE, auto: 'SOFTPROMPT_STORE; else what the job names' },
  name: { kind: text('<name>'), about: 'how the worker is called', auto: 'the name of the machine and a number' },
  threads: {
    kind: count(256),
    about: 'threads of the runtime; results are the same bits for the same number',
    default: 1,
  },
  memory: { kind: positive('<mib>'), about: 'memory that jobs may need, in MiB', auto: 'that of the machine' },
  lease: {
    kind: positive('<seconds>'),
    about: 'after so long without a sign of life another worker does the job',
    default: 10,
  },
});

/** Of `softprompt jobs`. */
export const JOBS = declareOptions({
  queue: {
    kind: text('<queue>'),
    about: 'which one: redis://HOST:6379 or postgres://USER@HOST/NAME',
    required: 'the address of a queue',
  },
});
