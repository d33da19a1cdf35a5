import { concatenate } from '../concatenate.js';
import type { Example } from '../data/example.js';
import { SoftpromptError } from '../errors.js';
import type { AnswerLikelihood } from '../evaluation/generation/perplexity.js';
import { perplexity } from '../evaluation/generation/perplexity.js';
import { rowsMadeOf, withFixedRows, withMadeRows } from '../methods/made-rows.js';
import type { Method } from '../methods/method.js';
import { type MethodOptions, pickMethodOptions } from '../methods/method-options.js';
import { METHODS, type MethodName } from '../methods/registry.js';
import { embeddingWidth } from '../network/checkpoint/config.js';
import { cutBatch } from '../network/cut-batch.js';
import { generates } from '../network/decoding/decoding-computation.js';
import type { LearnedPrompt } from '../network/decoding/decoding-network.js';
import { endMarks } from '../network/end-marks.js';
import { familyOf } from '../network/families/registry.js';
import type { FrozenModel } from '../network/load-model.js';
import { type PromptNetwork, promptNetwork } from '../network/prompt-network.js';
import { arraysOf, learnedCount, NOTHING, type Trainable } from '../network/trainable.js';
import { compileOpenSource, type OpenSourceTemplate } from '../prompt/compile-source.js';
import { compileOpenTemplate, type OpenTemplate } from '../prompt/compile-template.js';
import { checkAnswer, parseTemplate } from '../prompt/parse-template.js';
import type { PromptSequence } from '../prompt/sequence.js';
import { splitFront } from '../prompt/split-front.js';
import type { Template } from '../prompt/template.js';
import { type DescribedNetwork, withMeanOfTokens } from './described-network.js';
import { frontStarts } from './front-starts.js';
import type { TextRows } from './made-rows/text-rows.js';
import { placementOf } from './prompt-folder/placement.js';
import type { ScoringOptions, Task } from './task.js';
import { templateFields } from './template-fields.js';
import { checkMethod } from './text-task.js';
import { withTurns } from './turns.js';

/** Texts that are generated: a template with `{target}` on a frozen causal model, or an encoder-decoder. */
export interface GenerationTask extends Task<Example> {
  readonly template: Template;
  readonly fields: readonly string[];
  /** Leading ids that all contexts share. */
  readonly sharedRows: number;
  readonly maxLength: number;
  /** Ids that end an answer; the first is the one that is learned. */
  readonly ends: readonly number[];
  /** What an encoder-decoder's decoder begins with; undefined for a causal model. */
  readonly decoderStart: Int32Array | undefined;
  /** The space before the answer that its first token writes, as between the template's words and `{target}`; else empty. */
  readonly leadingSpace: string;
  /** The words behind `{target}`: what an answer stops at; empty for an encoder-decoder, which reads them. */
  readonly wordsBehind: string;
  /** Ids of the text before an answer, with room for one of so many tokens. Errors: FIELD_MISSING, PROMPT_EMPTY, PROMPT_TOO_LONG. */
  encodeContext(fields: Example['fields'], answerTokens: number): Int32Array;
  /** What a text is gone on with: what was learned, and the rows that are made for this text. */
  promptFor(learned: Float32Array, fields: Example['fields']): LearnedPrompt;
  /** Ids of an answer that may be given. */
  encodeAnswer(text: string): Int32Array;
  /** What a prompt gives the right answers, in their order. */
  likelihoods(
    learned: Float32Array,
    sequences: readonly PromptSequence[],
    options?: ScoringOptions,
  ): Promise<AnswerLikelihood[]>;
}

export interface GenerationTaskOptions extends MethodOptions {
  readonly template: Template | string;
  /** Longest sequence with its answer, in tokens. */
  readonly maxLength: number;
  readonly method?: MethodName | undefined;
  readonly threads?: number | undefined;
  /** Default: a template with such rows is refused. */
  readonly made?: TextRows | undefined;
}

/** @throws TEMPLATE_INVALID, PROMPT_EMPTY, PROMPT_TOO_LONG, MODEL_UNSUPPORTED for masked models */
export async function generationTask(model: FrozenModel, options: GenerationTaskOptions): Promise<GenerationTask> {
  const template = typeof options.template === 'string' ? parseTemplate(options.template) : options.template;
  checkAnswer(template, 'target');
  const { checkpoint } = model;
  const { config } = checkpoint;
  if (!generates(checkpoint)) throw isMasked(checkpoint.source, config.family);
  const name = options.method ?? 'soft';
  const method: Method = METHODS[name];
  checkMethod(model, method);
  const methodOptions = method.settle(pickMethodOptions(options), config);
  const { made } = options;
  const { compiled, maxLength } = compile(template, method, options.maxLength, model, made !== undefined);
  const base =
    made && compiled.starts.length === 0 && method.tokens !== 'none'
      ? NOTHING
      : method.trainable(compiled.learnedTokens, config, methodOptions);
  const described: DescribedNetwork = {
    ...{ method: name, methodOptions, tokens: compiled.learnedTokens, encoded: false },
    ...{ loss: 'vocabulary', meanOver: 'tokens', sharedRows: compiled.sharedRows, maxPositions: maxLength },
  };
  const width = embeddingWidth(config);
  const trainable = made && made.maps.length > 0 ? withMadeRows(base, made.maps, width) : base;
  const network = promptNetwork(checkpoint, {
    ...{ loss: 'vocabulary', trainable, sharedRows: compiled.sharedRows },
    ...{ maxPositions: maxLength, threads: options.threads },
  });
  const ends = endsOf(compiled, await endMarks(checkpoint));
  const { decoderStart } = compiled;
  const answer = template.parts.findIndex(({ kind }) => kind === 'label');
  const before = template.parts[answer - 1];
  const [part, behind] = template.parts.slice(answer);
  const mostTokens = Math.min(
    part?.kind === 'label' ? (part.target?.max ?? Number.POSITIVE_INFINITY) : 0,
    Math.floor(maxLength / 2),
  );
  /** A decoder's text begins anew, with the space that the tokenizer puts before a first word. */
  const isSpaced =
    decoderStart === undefined
      ? before?.kind === 'words' && before.text.endsWith(' ')
      : model.tokenizer.decode([...compiled.encodeLabel('a')], true).startsWith(' ');
  const fields = templateFields(template);
  const readable = (given: Example['fields']): Example['fields'] =>
    Object.fromEntries(Object.entries(given).map(([field, text]) => [field, withTurns(text)]));
  /** An answer's ids, with the end mark where it is whole. */
  const targetIds = (text: string): Int32Array => {
    const ids = compiled.encodeLabel(text);
    if (ids.length > mostTokens) return ids.subarray(0, mostTokens);
    return ends.length === 0 ? ids : Int32Array.of(...ids, ends[0]!);
  };
  const encode = ({ id, fields, label }: Example): PromptSequence => {
    const target = targetIds(label ?? '');
    const example = { id, fields: readable(fields), label: undefined };
    const sequence = {
      context: compiled.encodeContext(example, Math.max(1, target.length)).ids,
      candidates: [target],
      ...{ target: 0, decoderStart },
    };
    return made && made.maps.length > 0 ? { ...sequence, given: made.give({ id, fields }) } : sequence;
  };
  const likelihoods = async (
    learned: Float32Array,
    sequences: readonly PromptSequence[],
    scoring: ScoringOptions = {},
  ): Promise<AnswerLikelihood[]> => {
    const nll = await sumsOf(network, learned, sequences, scoring);
    return sequences.map(({ candidates }, i) => ({ nll: nll[i]!, tokens: candidates[0]!.length }));
  };
  return {
    ...{
      model,
      method: name,
      methodOptions,
      trainable,
      starts: compiled.starts,
      template,
      fields,
      maxLength,
      ends,
      decoderStart,
    },
    network: withMeanOfTokens(network),
    // rows that are made for a text are given with it, by what no other process knows
    ...(made === undefined && { described }),
    leadingSpace: isSpaced ? ' ' : '',
    // what the network computes of rows in front would be kept for one text alone
    sharedRows: trainable === base ? compiled.sharedRows : 0,
    promptFor: trainable === base ? (learned) => ({ trainable, learned }) : madePrompt(base, trainable, made!, width),
    wordsBehind: behind?.kind === 'words' && decoderStart === undefined ? behind.text : '',
    encode,
    encodeContext: (given, answerTokens) => {
      const example = { id: 'the text', fields: readable(given), label: undefined };
      return compiled.encodeContext(example, Math.min(answerTokens, Math.floor(maxLength / 2))).ids;
    },
    encodeAnswer: (text) => compiled.encodeLabel(text),
    likelihoods,
    score: async (learned, sequences, scoring) => ({
      values: Float32Array.from(await likelihoods(learned, sequences, scoring), ({ nll }) => -nll),
      classes: 1,
    }),
    // the likelier the right tokens, the better; as a share, their geometric mean
    validate: async (learned, sequences, scoring) => {
      const loss = Math.log(perplexity(await likelihoods(learned, sequences, scoring)));
      return { accuracy: Math.exp(-loss), loss };
    },
    record: () => {
      const sample = { id: 'sample', label: 'a', fields: Object.fromEntries(fields.map((field) => [field, 'a'])) };
      return {
        task: 'generation',
        template: template.source,
        placement: method.tokens === 'rows' ? placementOf(encode(sample), compiled.learnedTokens) : 'front',
        labels: new Map(),
      };
    },
  };
}

/** Prompts with the rows of one text each. */
function madePrompt(
  base: Trainable,
  trainable: Trainable,
  { maps, give }: TextRows,
  width: number,
): GenerationTask['promptFor'] {
  const rows = maps.reduce((sum, map) => sum + map.rows, 0);
  const served = withFixedRows(base, rows, width);
  const own = learnedCount(base);
  return (learned, fields) => {
    const arrays = arraysOf(trainable, learned);
    const given = give({ id: '', fields });
    const made = maps.map((map, place) => rowsMadeOf(map, arrays, given[place]!));
    const numbers = concatenate([learned.subarray(0, own), ...made], Float32Array);
    return { trainable: served, learned: numbers };
  };
}

function compile(
  template: Template,
  { tokens }: Method,
  length: number,
  { checkpoint: { config }, tokenizer }: FrozenModel,
  made: boolean,
): { readonly compiled: OpenTemplate & Partial<OpenSourceTemplate>; readonly maxLength: number } {
  const { encoder } = familyOf(config);
  if (encoder !== undefined) {
    const options = { tokenizer, maxLength: length, made, decoderStart: encoder.decoderStart(config) };
    return { compiled: compileOpenSource(template, options), maxLength: length };
  }
  if (tokens !== 'front') {
    const maxLength = Math.min(length, config.maxPositions);
    return { compiled: compileOpenTemplate(template, { tokenizer, maxLength, made }), maxLength };
  }
  const { front, rest } = splitFront(template);
  const starts = frontStarts(front, tokenizer);
  const maxLength = Math.min(length, config.maxPositions - starts.length);
  const compiled = compileOpenTemplate(rest, { tokenizer, maxLength, made });
  return { compiled: { ...compiled, learnedTokens: starts.length, starts }, maxLength };
}

/** Where an encoder-decoder's answer is a span that was left out, the next span's mark ends it, and is learned. */
function endsOf({ end }: Partial<OpenSourceTemplate>, marks: readonly number[]): readonly number[] {
  return end === undefined ? marks : [end, ...marks.filter((mark) => mark !== end)];
}

/** Σ −log P of each sequence's answer [N]; sequences of similar length run together. */
async function sumsOf(
  network: PromptNetwork,
  learned: Float32Array,
  sequences: readonly PromptSequence[],
  { onProgress, signal }: ScoringOptions,
): Promise<Float32Array> {
  const sums = new Float32Array(sequences.length);
  const sorted = [...sequences.entries()].sort(([, a], [, b]) => a.context.length - b.context.length);
  let done = 0;
  for (const piece of cutBatch(
    sorted.map(([, sequence]) => sequence),
    network.sharedRows,
  )) {
    signal?.throwIfAborted();
    const logs = await network.logLikelihoods(learned, piece);
    for (const i of piece.keys()) sums[sorted[done + i]![0]] = -logs[i]!;
    done += piece.length;
    onProgress?.(done, sequences.length);
  }
  return sums;
}

function isMasked(source: string, family: string): SoftpromptError {
  return new SoftpromptError('MODEL_UNSUPPORTED', {
    found: `${source} is a model of the family ${family}, which fills in masks and does not go on with a text`,
    expected: 'a causal language model, such as of the Llama or GPT-2 family, to generate texts with',
    fix: 'Choose another --model, such as embedded, or classify with this one ({label}, --task classify).',
  });
}
