/**
 * What mixing prompts costs: batches of 32 texts of eight prompts beside batches of the same texts of one prompt, and of
 * eight prompts one after the other, in turn. In this process, without HTTP, with fronts in the cache.
 *
 *   npm run build && node dist/bench/service/mixed.js [repeats]
 */
import { median } from '../../src/evaluation/percentile.js';
import { mixedNetwork } from '../../src/network/mixed/mixed-network.js';
import { promptOnModel } from '../../src/tasks/open-prompt.js';
import { type AskedText, mixablePrompt, predictMixed } from '../../src/tasks/predict-mixed.js';
import { machine, writeResult } from '../machine.js';
import { drawPrompts, frozenModel, TOKENS, testTexts } from './made-prompts.js';

const repeats = Number(process.argv[2] ?? 15);
const BATCH = 32;
const model = await frozenModel();
const prompts = (await drawPrompts(model, 8)).map((saved) => mixablePrompt(promptOnModel(saved, model)));
const network = mixedNetwork(model.checkpoint, { thread: 'own' });
const texts = testTexts();

const asked = (text: string, p: number): AskedText => {
  const prompt = prompts[p]!;
  return { prompt, sequence: prompt.open.task.encode({ id: 'text', fields: { text }, label: undefined }) };
};
const WAYS: Readonly<Record<string, (batch: readonly string[]) => Promise<unknown>>> = {
  onePrompt: (batch) =>
    predictMixed(
      network,
      batch.map((text) => asked(text, 0)),
    ),
  eightMixed: (batch) =>
    predictMixed(
      network,
      batch.map((text, i) => asked(text, i % 8)),
    ),
  eightInTurn: async (batch) => {
    for (let p = 0; p < 8; p++) {
      await predictMixed(
        network,
        batch.flatMap((text, i) => (i % 8 === p ? [asked(text, p)] : [])),
      );
    }
  },
};
const seconds: Record<string, number[]> = Object.fromEntries(Object.keys(WAYS).map((way) => [way, []]));
for (let i = -1; i < repeats; i++) {
  const batch = Array.from({ length: BATCH }, (_, j) => texts[((i + 1) * BATCH + j) % texts.length]!);
  for (const [way, run] of Object.entries(WAYS)) {
    const start = performance.now();
    await run(batch);
    if (i >= 0) seconds[way]!.push((performance.now() - start) / 1000);
  }
}
const ratio = (way: string) => median(seconds[way]!.map((time, i) => time / seconds.onePrompt![i]!));
writeResult('bench/results/service-mixed.json', {
  what: `seconds of a batch of ${BATCH} texts of SST-2 on SmolLM2-135M, prompts of ${TOKENS} tokens; ratios are medians of pairs on the same texts`,
  machine: machine(),
  repeats,
  median: Object.fromEntries(Object.entries(seconds).map(([way, all]) => [way, median(all)])),
  mixedToOne: ratio('eightMixed'),
  inTurnToOne: ratio('eightInTurn'),
  seconds,
});
await network.release();
process.exit(0);
