/** A fit with the memory and time of its stages, for `scale.ts`. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { FitEvent } from '../../../src/recommend/fit-events.js';
import type { RecommendOptions } from '../../../src/recommend/fit-options.js';
import { fitRecommender } from '../../../src/recommend/fit-recommender.js';
import { stageClock } from './stages.js';

const { file, out, options } = JSON.parse(process.argv[2]!) as {
  file: string;
  out: string;
  options: Partial<RecommendOptions>;
};
const { stages, end } = stageClock();
let data: Extract<FitEvent, { event: 'data' }> | undefined;
let epoch: Extract<FitEvent, { event: 'epoch' }> | undefined;
const { ended, protocol, test, mixture } = await fitRecommender(
  { interactions: file, out, ...options },
  {
    onEvent: (event) => {
      if (event.event === 'data') {
        data = event;
        end('read and split');
      }
      if (event.event === 'epoch') {
        epoch = event;
        end('train and validate');
      }
      if (event.event === 'mixture') end('item neighbours, validated and mixed in');
    },
  },
);
end('validate, test and save');
console.log(
  JSON.stringify({
    ended,
    csvMib: Math.round(statSync(file).size / 2 ** 20),
    interactions: data?.interactions,
    interactionsPerSecond: Math.round(epoch!.interactionsPerSecond),
    validNdcg: epoch!.validation,
    testNdcg: test?.['ndcg@10'],
    mixture,
    protocol,
    networkMib: Math.round(statSync(join(out, 'network.safetensors')).size / 2 ** 20),
    stages,
    peakRssMib: Math.round(process.resourceUsage().maxRSS / 1024),
  }),
);
