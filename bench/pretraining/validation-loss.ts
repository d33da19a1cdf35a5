/**
 * How well a pretrained model predicts held-out documents, in nats a character, beside its random twin, a character
 * trigram model and, in English, SmolLM2-135M-Instruct. All on the same documents, all their characters counted.
 *
 *   npm run build && node dist/bench/pretraining/validation-loss.js MODEL --data en=… --data zh=…
 *     [--valid-share 0.005] [--characters 100000] [--trigram-characters 20000000]
 *     [--peer ../shared/models/smollm2-135m-instruct] [--out bench/results/embedded-model-loss.json]
 *
 * `--data` and `--valid-share` are those that the model was trained with: which documents validate follows from them.
 */
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { machine, writeResult } from '../machine.js';
import { compareLoss } from './compare-loss.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    data: { type: 'string', multiple: true },
    'valid-share': { type: 'string', default: '0.005' },
    characters: { type: 'string', default: '100000' },
    'trigram-characters': { type: 'string', default: '20000000' },
    peer: { type: 'string', default: '../shared/models/smollm2-135m-instruct' },
    out: { type: 'string', default: 'bench/results/embedded-model-loss.json' },
  },
});
const [model] = positionals;
if (model === undefined || values.data === undefined) throw new Error('give a model folder and --data en=FILE …');
const peer = { name: 'SmolLM2-135M-Instruct', source: values.peer, language: 'en' };
if (!existsSync(peer.source)) console.log(`${peer.source} is not here: no comparison with ${peer.name}`);
const languages = await compareLoss({
  model,
  data: values.data,
  validShare: Number(values['valid-share']),
  characters: Number(values.characters),
  trigramCharacters: Number(values['trigram-characters']),
  peer: existsSync(peer.source) ? peer : undefined,
  say: console.log,
});
writeResult(values.out, {
  what: 'held-out documents, nats a character (code point); windows of at most 512 tokens, document by document, from the end-of-text mark',
  machine: machine(),
  validShare: Number(values['valid-share']),
  languages,
});
