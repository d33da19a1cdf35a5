/**
 * Why the networks of a recommender are not learned in pieces by many machines: bytes of the gradient of ML-100K's sequence network, and
 * seconds of an update, beside those of a prompt on SmolLM2.
 *
 *   node dist/bench/queue/sequence-network.js [FOLDER]
 *
 * Writes bench/results/queue-sequence-network.json.
 */
import { leaveOneOut } from '../../src/data/interactions/interaction-splits.js';
import { median } from '../../src/evaluation/percentile.js';
import { fitSasRec } from '../../src/recommend/sequential/fit-sasrec.js';
import { machine, writeResult } from '../machine.js';
import { RECOMMENDATION_SETS } from '../recommendation/datasets.js';

const [folder = '../shared/data/recommendation'] = process.argv.slice(2);
const { interactions } = await RECOMMENDATION_SETS['ml-100k'](folder);
const EPOCHS = 3;
const seconds: number[] = [];
const { state } = await fitSasRec(
  leaveOneOut(interactions),
  { epochs: EPOCHS },
  { onEpoch: (_, epoch) => seconds.push(epoch.seconds) },
);
const numbers = Object.values(state.weights).reduce((sum, { length }) => sum + length, 0);
const updates = state.step / EPOCHS;
const secondsAnUpdate = median(seconds) / updates;
/** What float32 travel as, base64. */
const bytes = Math.ceil((4 * numbers * 4) / 3);
writeResult('bench/results/queue-sequence-network.json', {
  ...{ set: 'ml-100k', machine: machine(), numbers, bytesAsJob: bytes, updatesAnEpoch: updates },
  ...{ secondsAnUpdate, pieces: 8, bytesAnUpdate: 2 * 8 * bytes, bytesASecond: (2 * 8 * bytes) / secondsAnUpdate },
});
