import type { Example } from '../data/example.js';
import { SoftpromptError } from '../errors.js';
import { type Calibration, CONTENT_FREE_TEXTS, contextualCalibration } from '../evaluation/calibration.js';
import { hasLowerLoss, judgeScores } from '../evaluation/judgement.js';
import { type RowMap, withMadeRows } from '../methods/made-rows.js';
import type { Method } from '../methods/method.js';
import { type MethodOptions, pickMethodOptions } from '../methods/method-options.js';
import { METHODS, type MethodName } from '../methods/registry.js';
import { embeddingWidth } from '../network/checkpoint/config.js';
import { familyOf, predictsWords } from '../network/families/registry.js';
import type { FrozenModel } from '../network/load-model.js';
import { type LossKind, promptNetwork } from '../network/prompt-network.js';
import { compileMaskedTemplate } from '../prompt/compile-masked.js';
import { compileSourceTemplate } from '../prompt/compile-source.js';
import { type CompiledTemplate, compileTemplate } from '../prompt/compile-template.js';
import { type LabelSet, parseLabels } from '../prompt/labels.js';
import { checkAnswer, parseTemplate } from '../prompt/parse-template.js';
import type { MaskedText, PromptSequence } from '../prompt/sequence.js';
import { splitFront } from '../prompt/split-front.js';
import type { Template } from '../prompt/template.js';
import type { SessionOptions } from '../runtime/runtime.js';
import { buildNetwork, type DescribedNetwork } from './described-network.js';
import { frontStarts } from './front-starts.js';
import { fieldRows, sampleFields, type TextRows } from './made-rows/text-rows.js';
import { placementOf } from './prompt-folder/placement.js';
import { candidateScoring, type Task, targetsOf } from './task.js';
import { templateFields } from './template-fields.js';

/** Classification: a template and labels on a frozen model. */
export interface TextTask extends Task<Example> {
  readonly compiled: CompiledTemplate;
  /** The label keys, in the order of all score columns. */
  readonly labelKeys: readonly string[];
  /** Longest sequence in positions: what was asked for, or what the model has where that is less. */
  readonly maxLength: number;
  /** How rows are made of what an example is given; none for a template without such rows. */
  readonly maps: readonly RowMap[];
}

export interface TextTaskOptions extends MethodOptions {
  readonly template: Template | string;
  readonly labels: LabelSet | Readonly<Record<string, string>>;
  readonly maxLength: number;
  readonly loss: LossKind;
  /** Default: a soft prompt. */
  readonly method?: MethodName | undefined;
  readonly threads?: number | undefined;
  /** Where it computes; see `SessionOptions`. */
  readonly thread?: SessionOptions['thread'];
  /** How many numbers each place is given whose rows are made (`widthsOf`); default: a template with such rows is refused. */
  readonly made?: readonly number[] | undefined;
  /** For what was learned before, and not what is to be learned: the two differ where an encoder makes it. */
  readonly answering?: boolean | undefined;
}

export function textTask(model: FrozenModel, options: TextTaskOptions): TextTask {
  const template = typeof options.template === 'string' ? parseTemplate(options.template) : options.template;
  checkAnswer(template, 'label');
  const labels = options.labels instanceof Map ? options.labels : parseLabels(options.labels as Record<string, string>);
  const { config } = model.checkpoint;
  const name = options.method ?? 'soft';
  const method: Method = METHODS[name];
  checkMethod(model, method);
  const methodOptions = method.settle(
    { ...pickMethodOptions(options), ...(method.solvedAtOnce && { classes: labels.size }) },
    config,
  );
  const rows = options.made && fieldRows(template, options.made);
  const made = rows && rows.maps.length > 0 ? rows : undefined;
  if (made) checkMadeBy(method, method.encoder?.(1, config, methodOptions) !== undefined);
  const written = compileTask(template, labels, method, options.maxLength, model, made !== undefined);
  const { maxLength } = written;
  const worded = withText(method.solvedAtOnce ? withoutWords(written.compiled) : written.compiled);
  const compiled = made ? withGiven(worded, made) : worded;
  const described: DescribedNetwork = {
    ...{ method: name, methodOptions, tokens: compiled.learnedTokens, encoded: !options.answering },
    ...{ loss: options.loss, meanOver: 'examples', sharedRows: compiled.sharedRows, maxPositions: maxLength },
  };
  const { threads, thread } = options;
  const { trainable, network } = made
    ? networkWithRows(model, described, made, { threads, thread })
    : buildNetwork(model.checkpoint, described, { threads, thread });
  const labelKeys = [...labels.keys()];
  const { score } = candidateScoring(network, labelKeys.length);
  return {
    ...{ model, method: name, methodOptions, trainable, network },
    // no other process knows what rows are made of
    ...(made === undefined && { described }),
    ...{ maps: made?.maps ?? [], compiled, labelKeys, maxLength, starts: compiled.starts },
    encode: compiled.encode,
    score,
    validate: async (prompt, sequences, options) =>
      judgeScores(await score(prompt, sequences, options), targetsOf(sequences)),
    // of few examples labels say little, and what rows begin with is a probability
    ...(made && { isBetter: hasLowerLoss }),
    record: () => {
      const sample = compiled.encode({ id: 'sample', fields: sampleFields(compiled.template), label: undefined });
      return {
        task: 'classification',
        template: compiled.template.source,
        placement: method.tokens === 'rows' ? placementOf(sample, compiled.learnedTokens) : 'front',
        labels: compiled.labels,
      };
    },
  };
}

/** Sequences that keep the example's own words beside their ids. */
function withText(compiled: CompiledTemplate): CompiledTemplate {
  const slots = templateFields(compiled.template);
  return { ...compiled, encode: (example) => ({ ...compiled.encode(example), words: textOf(example, slots) }) };
}

/** The texts of an example, one after the other. @param slots the fields that a template reads; default: all */
export const textOf = ({ fields }: Pick<Example, 'fields'>, slots: readonly string[] = Object.keys(fields)): string =>
  slots.map((slot) => fields[slot] ?? '').join(' ');

/** Sequences with what their rows are made of. */
function withGiven(compiled: CompiledTemplate, { give }: TextRows): CompiledTemplate {
  return { ...compiled, encode: (example) => ({ ...compiled.encode(example), given: give(example) }) };
}

/** The described network with maps that make rows beside what the method learns. */
function networkWithRows(
  { checkpoint }: FrozenModel,
  { method, methodOptions, tokens, loss, sharedRows, maxPositions }: DescribedNetwork,
  { maps }: TextRows,
  session: Pick<SessionOptions, 'threads' | 'thread'>,
) {
  const { config } = checkpoint;
  const trainable = withMadeRows(
    METHODS[method].trainable(tokens, config, methodOptions),
    maps,
    embeddingWidth(config),
  );
  return { trainable, network: promptNetwork(checkpoint, { loss, trainable, sharedRows, maxPositions, ...session }) };
}

/** Maps are learned beside numbers that enter the model as they are. @throws TUNING_SETTING */
function checkMadeBy({ name, solvedAtOnce, keepNear, startsFromExamples }: Method, encoded: boolean): void {
  if (!encoded && !solvedAtOnce && !keepNear && !startsFromExamples) return;
  throw new SoftpromptError('TUNING_SETTING', {
    found: `The method ${name} for a template whose rows are made`,
    expected: 'a method whose numbers enter the model as they are: soft, prefix, lora …',
    fix: 'Choose another (--method), or leave [user:…] out of the template.',
  });
}

/** Labels as candidates of one token each, whatever their words: a head sees no words. */
function withoutWords(compiled: CompiledTemplate): CompiledTemplate {
  return {
    ...compiled,
    encode: (example) => {
      const sequence = compiled.encode(example);
      const candidates = sequence.candidates.map((_, c) => Int32Array.of(c));
      return { ...sequence, candidates, masked: sequence.masked && [withOneMask(sequence.masked)] };
    },
  };
}

/** The text to read where a label belongs: that with one mask, or the first, at the first of its masks. */
function withOneMask(texts: NonNullable<PromptSequence['masked']>): MaskedText {
  const { ids, masks } = texts.find((text) => text.masks.length === 1) ?? texts[0]!;
  return { ids, masks: masks.slice(0, 1) };
}

/** The template as the method and the model's family read it. Errors: those of the compilers, MODEL_UNSUPPORTED. */
function compileTask(
  template: Template,
  labels: LabelSet,
  { tokens }: Method,
  length: number,
  { checkpoint: { config, source }, tokenizer }: FrozenModel,
  made: boolean,
): { readonly compiled: CompiledTemplate; readonly maxLength: number } {
  if (!predictsWords(config)) {
    throw new SoftpromptError('MODEL_UNSUPPORTED', {
      found: `${source} has no head that predicts words (cls.predictions)`,
      expected: 'a language model: one with the head that it was pretrained with',
      fix: 'Take the checkpoint for masked language modelling, or read items with it: npx softprompt recommend fit --model MODEL.',
    });
  }
  const { sees, encoder } = familyOf(config);
  const compilers = { all: compileMaskedTemplate, before: compileTemplate, source: compileSourceTemplate };
  const compile = compilers[sees];
  if (tokens !== 'front') {
    const maxLength = Math.min(length, config.maxPositions);
    return {
      compiled: compile(template, { tokenizer, labels, maxLength, made, decoderStart: encoder?.decoderStart(config) }),
      maxLength,
    };
  }
  const { front, rest } = splitFront(template);
  const starts = frontStarts(front, tokenizer);
  const maxLength = Math.min(length, config.maxPositions - starts.length);
  const compiled = compile(rest, { tokenizer, labels, maxLength, made });
  return { compiled: { ...compiled, template, learnedTokens: starts.length, starts }, maxLength };
}

/** An encoder-decoder learns rows of its text alone. Errors: MODEL_UNSUPPORTED. */
export function checkMethod({ checkpoint: { config, source } }: FrozenModel, { name, tokens }: Method): void {
  if (familyOf(config).sees !== 'source' || tokens === 'rows' || name === 'written') return;
  throw new SoftpromptError('MODEL_UNSUPPORTED', {
    found: `${source} is an encoder-decoder (${config.family})`,
    expected: 'a method whose learned tokens are rows of the text',
    fix: 'Take --method soft, or a causal model for the other methods.',
  });
}

/** The field of a template that has a single slot, so that one text says it all. Errors: FIELD_MISSING. */
export function onlyField(fields: readonly string[]): string {
  if (fields.length === 1) return fields[0]!;
  throw new SoftpromptError('FIELD_MISSING', {
    found: `One text for a template with the slots ${fields.map((field) => `{${field}}`).join(' ')}`,
    expected: 'a text for each slot',
    fix: 'Write them to a file, a column a slot, and give it with --data.',
  });
}

/** Contextual calibration of a prompt: what it answers to texts without content (Zhao et al. 2021). */
export async function calibratePrompt(task: TextTask, prompt: Float32Array): Promise<Calibration> {
  const fields = templateFields(task.compiled.template);
  const nothing = sampleFields(task.compiled.template);
  // a prompt that is nothing but the text has no answer to none
  const texts = CONTENT_FREE_TEXTS.filter((text) => text !== '' || task.compiled.fixedLength > 0);
  const sequences = texts.map((text): PromptSequence => {
    const example: Example = {
      id: `content-free text '${text}'`,
      fields: { ...nothing, ...Object.fromEntries(fields.map((field) => [field, text])) },
      label: undefined,
    };
    return task.compiled.encode(example);
  });
  return contextualCalibration(await task.score(prompt, sequences));
}
