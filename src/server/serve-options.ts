import { count, list, positive, text, toggle, whole } from '../options/kind.js';
import { declareOptions, type Given, type Plan } from '../options/option.js';
import { THREADS } from '../runtime/runtime-options.js';
import { SCOPES, type Scope } from './scopes.js';

const scopes = list<Scope>(
  '<a,b>',
  `a list of ${SCOPES.join(', ')}`,
  { holds: (value) => SCOPES.includes(value as Scope), json: { enum: SCOPES } },
  (given) => {
    const named = given.split(',').map((name) => name.trim());
    return named.every((name) => SCOPES.includes(name as Scope)) ? (named as Scope[]) : undefined;
  },
);

/** How `softprompt serve` is set up. Each has a flag, a key of `--config`, and a variable `SOFTPROMPT_` + NAME. */
export const SERVE = declareOptions({
  host: {
    kind: text('<address>'),
    about: 'where to listen; any but this machine itself needs --keys',
    default: '127.0.0.1',
  },
  port: { kind: whole(0, 65_535), about: 'port; 0 takes any that is free', default: 8080 },
  store: {
    kind: text('<place>'),
    about: 'where interactions are kept: a folder, or postgres://…',
    auto: 'DATABASE_URL where it is set; else none are kept',
  },
  keys: { kind: text('<file>'), about: 'the file of API keys, see --add-key' },
  batchSize: { kind: count(), about: 'texts that go into one batch at most', default: 32 },
  batchWait: { kind: whole(0, 10_000), about: 'how long the first of a batch waits for others, in ms', default: 3 },
  queue: { kind: count(), about: 'texts that may wait; more are answered with 429', default: 1024 },
  streams: { kind: count(), about: 'answers that may be generated at a time; more get 429', default: 64 },
  requestSeconds: { kind: positive('<s>'), about: 'how long a request may take', flag: 'timeout', default: 30 },
  rateLimit: { kind: count(), about: 'requests a minute of one key, or of one address without keys', default: 6000 },
  bodyLimit: { kind: count(), about: 'the largest request, in bytes', default: 4 * 2 ** 20 },
  tlsCertificate: { kind: text('<file>'), about: 'certificate (PEM) for TLS' },
  tlsKey: { kind: text('<file>'), about: 'its private key (PEM)' },
  promptCache: {
    kind: count(),
    about: 'memory for keys and values of prompts, in MiB; those used longest ago are computed anew',
    default: 1024,
  },
  model: { kind: text('<model>'), about: 'the frozen model, in place of where prompts say that it lies' },
  ...THREADS,
  log: { kind: toggle, about: 'log no requests', default: true },
  traces: {
    kind: text('<url>'),
    about:
      'an OpenTelemetry collector that gets a trace of each request (OTLP over HTTP), such as http://127.0.0.1:4318',
    auto: 'none are made',
  },
  jobs: {
    kind: text('<queue>'),
    about: 'show the jobs of a queue under /jobs: redis://HOST:6379 or postgres://USER@HOST/NAME',
    auto: 'none are shown',
  },
  addKey: { kind: text('<name>'), about: 'make a key, print it once, and end' },
  scopes: { kind: scopes, about: 'what the key made by --add-key may do', auto: 'ask,record' },
});

export type ServeOptions = Given<typeof SERVE>;
export type ServePlan = Plan<typeof SERVE>;
