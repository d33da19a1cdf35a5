import { type InteractionSplits, itemsMet } from '../data/interactions/interaction-splits.js';
import type { FitHooks } from './fit-events.js';
import type { FitPlan } from './fit-options.js';
import type { ItemReader } from './item-reader.js';
import { basisOf, keptTraining } from './kept-training.js';
import { type LearnReadingFit, learnReading } from './reading/learn-reading.js';
import { knownItems, readCatalogue } from './reading/read-catalogue.js';
import { whiten } from './reading/whitening.js';

type LearnOptions = Pick<FitPlan, 'out' | 'reading' | 'seed' | 'threads'>;

/**
 * The reader after it learned, by contrast between the items of the training part, and all items read anew; as it was where
 * held-out items are not found better.
 * @returns undefined where interrupted
 */
export async function learnItemReader<Reader extends ItemReader>(
  reader: Reader,
  splits: InteractionSplits,
  options: LearnOptions,
  hooks: FitHooks,
): Promise<Reader | undefined> {
  const { updates, evaluateEvery } = options.reading;
  const rounds = Math.ceil(updates / evaluateEvery);
  hooks.onEvent?.({ event: 'stage', text: 'learning to read the items, by which of them stand together in histories' });
  const { reader: learned, text } = await withLearnedReading(reader, splits, options, {
    ...(await keptTraining(
      options.out,
      'reading',
      basisOf(splits, reader.fingerprint, JSON.stringify(options.reading)),
    )),
    threads: options.threads,
    signal: hooks.signal,
    onEvaluation: (line) =>
      hooks.onEvent?.({ event: 'reading-epoch', epochs: rounds, ...line, validation: line.validation! }),
  });
  if (text !== undefined) hooks.onEvent?.({ event: 'note', text });
  return learned;
}

/** The same without a folder, and what to say of it. */
export async function withLearnedReading<Reader extends ItemReader>(
  reader: Reader,
  splits: Pick<InteractionSplits, 'train' | 'items'>,
  options: Pick<LearnOptions, 'reading' | 'seed'>,
  fit: LearnReadingFit,
): Promise<{ readonly reader: Reader | undefined; readonly text?: string }> {
  const settings = { ...options.reading, seed: options.seed };
  const met = itemsMet(splits as InteractionSplits);
  const { reading, judged, ended } = await learnReading(
    reader.catalogue,
    reader,
    { train: splits.train, met },
    settings,
    fit,
  );
  if (ended === 'interrupted') return { reader: undefined };
  if (judged === undefined) {
    return {
      reader,
      text: 'the reading stays as it was: too few items with texts stand beside each other in histories',
    };
  }
  const { before, best, standardError } = judged;
  const figures =
    `NDCG@10 of held-out items among themselves ${before.toFixed(4)} before, ${best.toFixed(4)} after ` +
    `(standard error of the difference ${standardError.toFixed(4)})`;
  if (reading === undefined) return { reader, text: `the reading stays as it was: ${figures}` };
  const vectors = await readCatalogue(reader.catalogue.reader, reading.learned, reader.catalogue.texts);
  const white = whiten(vectors, reading.whitening, knownItems(reader.catalogue.texts));
  const features = { vectors: white, width: reading.whitening.width };
  return { reader: { ...reader, ...reading, vectors, features }, text: `the reading was learned: ${figures}` };
}
