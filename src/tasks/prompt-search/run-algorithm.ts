import { prefixWidth } from '../../methods/prefix.js';
import { embeddingScale } from '../../network/checkpoint/embedding-rows.js';
import { familyOf } from '../../network/families/registry.js';
import type { FrozenModel } from '../../network/load-model.js';
import { type PromptNetwork, promptNetwork } from '../../network/prompt-network.js';
import { NOTHING } from '../../network/trainable.js';
import { parseTemplate } from '../../prompt/parse-template.js';
import { Random } from '../../random.js';
import { writtenExample } from '../context-examples.js';
import { textGenerator } from '../generate-texts.js';
import { generationTask } from '../generation-task.js';
import { startPrompt } from '../start-prompt.js';
import type { TaskData } from '../task-data.js';
import type { TextTask } from '../text-task.js';
import { ape, type Writer } from './ape.js';
import { bbt } from './bbt.js';
import { grips, joined } from './grips.js';
import type { Ask } from './paid-calls.js';
import { reinforce } from './reinforce.js';
import type { RemoteModel } from './remote-model.js';
import type { SearchPlan } from './search-options.js';
import { shownExamples } from './shown-examples.js';
import type { SoughtWords } from './sought-words.js';
import { nearWords, type WordList, wordList, writtenLike } from './word-list.js';
import { wordPolicy } from './word-policy.js';

/** What an algorithm works with. */
export interface SearchWorld {
  readonly plan: SearchPlan;
  readonly sought: SoughtWords;
  readonly data: TaskData;
  /** Right labels [N] of the training examples. */
  readonly targets: Int32Array;
  /** A model on this machine. */
  readonly model: FrozenModel | undefined;
  readonly remote: RemoteModel | undefined;
  /** Of candidates that are numbers. */
  readonly learned: TextTask | undefined;
}

const POPULATION = 8;
const WORDS = 5;
/** Examples that are shown: how many, how much of a text, and how much of a sequence they fill. */
const MOST_SHOWN = 8;
const MOST_LETTERS = 200;
const ROOM = 0.7;
/** Of a model whose tokens nobody knows. */
const LETTERS_A_TOKEN = 3;

/** Asks until the calls are spent, or nothing more is to be asked. */
export async function runAlgorithm(ask: Ask, world: SearchWorld): Promise<void> {
  const { plan, sought, data } = world;
  const random = new Random(plan.seed);
  const population = Math.max(plan.algorithm === 'reinforce' ? 2 : 1, plan.population ?? POPULATION);
  switch (plan.algorithm) {
    case 'grips': {
      const list = world.model && (await wordList(world.model, plan.vocabulary, writtenLike(data.train), plan.threads));
      const alternatives = world.model && list ? nearWords(world.model, list) : async () => [];
      const vocabulary = [...labelsOf(plan), ...(list?.words ?? [])];
      const starts = [...new Set([sought.given, sought.start])];
      return grips(ask, { starts, random, population, alternatives, vocabulary });
    }
    case 'examples': {
      const { parts } = parseTemplate(sought.fill(''));
      const { labels, shown = Math.min(MOST_SHOWN, 2 * Object.keys(plan.labels).length) } = plan;
      const lines = data.train.map((one) => writtenExample(parts, one, labels[one.label!]!, MOST_LETTERS));
      const room = ROOM * Math.min(plan.maxLength, world.model?.checkpoint.config.maxPositions ?? plan.maxLength);
      return shownExamples(ask, {
        labels: data.train.map(({ label }) => label!),
        write: (places) => places.map((place) => `${lines[place]}\n`).join(''),
        fits: (words) => (world.model?.tokenizer.encode(words).length ?? words.length / LETTERS_A_TOKEN) <= room,
        // some are left to judge by
        ...{ most: Math.max(1, Math.min(shown, Math.floor(data.train.length / 2))), population, random },
      });
    }
    case 'ape': {
      const opened = world.remote === undefined ? await localWriter(world.model!, plan) : undefined;
      const write = opened?.write ?? world.remote!.write;
      const { start } = sought;
      return ape(ask, { start, write, examples: data.train, labels: plan.labels, population, random }).finally(
        opened?.release,
      );
    }
    case 'reinforce':
      return policySearch(ask, world, random, population);
    case 'bbt': {
      const { starts } = world.learned!;
      const start = await startPrompt(
        world.learned!,
        { initialisation: 'vocabulary' },
        await embeddingScale(world.model!.checkpoint),
        plan.seed,
      );
      const { layers } = world.model!.checkpoint.config;
      const blocks = plan.deep
        ? layerBlocks(starts.length, layers, prefixWidth(world.model!.checkpoint.config))
        : [[...start.keys()]];
      return bbt(ask, {
        start,
        blocks,
        subspace: plan.subspace,
        reach: plan.reach,
        population: plan.population && Math.max(4, plan.population),
        random,
      });
    }
  }
}

const labelsOf = ({ labels }: SearchPlan): string[] => Object.values(labels).map((word) => word.trim());

/** The places of a prefix's numbers [P, layers·2·KV·s] by layer. */
function layerBlocks(tokens: number, layers: number, width: number): number[][] {
  const own = width / layers;
  return Array.from({ length: layers }, (_, layer) =>
    Array.from({ length: tokens * own }, (_, i) => Math.floor(i / own) * width + layer * own + (i % own)),
  );
}

async function policySearch(ask: Ask, world: SearchWorld, random: Random, population: number): Promise<void> {
  const { plan, sought, targets } = world;
  const model = world.model!;
  const list = await wordList(model, plan.vocabulary, writtenLike(world.data.train), plan.threads);
  const length = plan.words ?? sought.tokens ?? WORDS;
  const reader = stateReader(model, list, labelsOf(plan), plan.threads);
  const shape = { states: reader.width, width: list.width, vocabulary: list.words.length, places: length };
  const policy = await wordPolicy(shape, list.embeddings, plan.learningRate, random);
  try {
    const { words } = list;
    const { read } = reader;
    await reinforce(ask, {
      ...{ policy, words, length, population, targets, read, random, start: sought.start, join: joined },
    });
  } finally {
    await policy.release();
    await reader.release();
  }
}

/** The frozen model's states behind the label words and the words so far; for a masked model the mean of their embeddings. */
function stateReader(model: FrozenModel, { ids, embeddings, width }: WordList, labels: string[], threads?: number) {
  const { checkpoint, tokenizer } = model;
  const { config } = checkpoint;
  const causal = familyOf(config).sees === 'before';
  if (!causal) {
    const read = async (beginnings: readonly (readonly number[])[]) => {
      const means = new Float32Array(beginnings.length * width);
      for (const [b, places] of beginnings.entries()) {
        for (const place of places) {
          for (let i = 0; i < width; i++)
            means[b * width + i]! += embeddings[place * width + i]! / Math.sqrt(places.length);
        }
      }
      return means;
    };
    return { width, read, release: async () => {} };
  }
  const opening = [
    ...(tokenizer.bos === undefined ? [] : [tokenizer.bos]),
    ...tokenizer.encode(` ${labels.join(' ')}`),
  ];
  const network: PromptNetwork = promptNetwork(checkpoint, {
    ...{ loss: 'labels', trainable: NOTHING, sharedRows: 0, maxPositions: config.maxPositions, threads },
  });
  const none = new Float32Array(0);
  const candidates = [Int32Array.of(0), Int32Array.of(1)];
  return {
    width: config.hiddenSize,
    read: async (beginnings: readonly (readonly number[])[]) => {
      const batch = beginnings.map((places) => ({
        context: Int32Array.from([...opening, ...places.map((place) => ids[place]!)]),
        candidates,
        target: undefined,
      }));
      const states = await network.states(none, batch);
      // of length √d, whatever the model's last norm makes of them
      const d = config.hiddenSize;
      for (let b = 0; b < batch.length; b++) {
        const row = states.subarray(b * d, (b + 1) * d);
        const size = Math.sqrt(row.reduce((sum, x) => sum + x * x, 0) / d) || 1;
        for (let i = 0; i < d; i++) row[i]! /= size;
      }
      return states;
    },
    release: () => network.release(),
  };
}

/** Texts of a model on this machine. */
async function localWriter(model: FrozenModel, { threads }: SearchPlan) {
  const maxLength = Math.min(model.checkpoint.config.maxPositions, 1024);
  const task = await generationTask(model, {
    template: '{text|keep=end}{target}',
    maxLength,
    method: 'written',
    threads,
  });
  const generator = textGenerator(task, new Float32Array(0), { threads });
  const write: Writer = async (text, count, maxTokens, seed) => {
    const texts = Array.from({ length: count }, () => ({ text }));
    const answers = await generator.generate(texts, { maxNewTokens: maxTokens, temperature: 1, topP: 0.95, seed });
    return answers.map((answer) => answer.text);
  };
  return {
    write,
    release: async () => {
      await generator.release();
      await task.network.release();
    },
  };
}
