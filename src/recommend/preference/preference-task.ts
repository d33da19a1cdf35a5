import { type RowMap, withMadeRows } from '../../methods/made-rows.js';
import type { Method } from '../../methods/method.js';
import type { MethodOptions } from '../../methods/method-options.js';
import { METHODS, type MethodName } from '../../methods/registry.js';
import { embeddingWidth } from '../../network/checkpoint/config.js';
import { familyOf } from '../../network/families/registry.js';
import type { FrozenModel } from '../../network/load-model.js';
import { promptNetwork } from '../../network/prompt-network.js';
import { NOTHING } from '../../network/trainable.js';
import { compileMaskedTemplate } from '../../prompt/compile-masked.js';
import { compileTemplate } from '../../prompt/compile-template.js';
import { type MadePlace, madePlaces, placeName } from '../../prompt/made-places.js';
import { splitFront } from '../../prompt/split-front.js';
import type { Template } from '../../prompt/template.js';
import type { ProgramOptions } from '../../runtime/program.js';
import { frontStarts } from '../../tasks/front-starts.js';
import { candidateScoring, type Task } from '../../tasks/task.js';
import type { KnownAnswers } from './known-answers.js';
import { givenMaker, inputsOf, type Sources } from './sources.js';
import type { Taste } from './taste.js';

/** Whether somebody of a taste will like an item. */
export interface PreferenceCase {
  readonly taste: Taste;
  readonly item: string;
  readonly liked: boolean | undefined;
  /** What statistics are made of. */
  readonly known: KnownAnswers;
}

export interface PreferenceTaskOptions {
  readonly template: Template;
  /** The words of no and yes, in this order. */
  readonly words: readonly [string, string];
  readonly method: MethodName;
  readonly methodOptions: MethodOptions;
  readonly maxLength: number;
  /** Hidden numbers of the maps; 0 for linear ones. */
  readonly hidden: number;
  readonly sources: Sources;
  /** Field → text of an item; undefined for an item that nothing is known of. */
  readonly itemFields: (item: string) => Readonly<Record<string, string>> | undefined;
  /** The columns of the items. */
  readonly columns: readonly string[];
  /** The column that holds titles. */
  readonly title: string | undefined;
  readonly threads?: number | undefined;
  readonly thread?: ProgramOptions['thread'];
}

export interface PreferenceTask extends Task<PreferenceCase> {
  readonly places: readonly MadePlace[];
  readonly maps: readonly RowMap[];
  readonly maxLength: number;
  readonly words: readonly [string, string];
  /** What a place is given of which nothing is known. */
  readonly blank: (place: number) => Float32Array;
}

/** The candidates of every sequence: no, yes. */
export const YES = 1;
const TITLES_TOLD = 10;

/** A yes/no question behind a template with rows that are made of what is known of a user and an item. */
export function preferenceTask(model: FrozenModel, options: PreferenceTaskOptions): PreferenceTask {
  const { template, words, sources, hidden, threads, thread, itemFields, columns, title } = options;
  const { config } = model.checkpoint;
  const method: Method = METHODS[options.method];
  const methodOptions = method.settle(options.methodOptions, config);
  const places = madePlaces(template);
  const width = embeddingWidth(config);
  const { front, rest } = method.tokens === 'front' ? splitFront(template) : { front: [], rest: template };
  const before = frontStarts(front, model.tokenizer);
  const maxLength = Math.min(options.maxLength, config.maxPositions - before.length);
  const compile = familyOf(config).sees === 'all' ? compileMaskedTemplate : compileTemplate;
  const labels = new Map([
    ['0', words[0]],
    ['1', words[1]],
  ]);
  const compiled = compile(rest, { tokenizer: model.tokenizer, labels, maxLength, made: true });
  const starts = method.tokens === 'front' ? before : compiled.starts;
  const maps = places.map((place, i): RowMap => {
    const inputs = inputsOf(place, sources);
    return {
      name: `${i} ${placeName(place)}`,
      rows: place.rows,
      inputs,
      hidden: place.source === 'stats' ? 0 : hidden,
    };
  });
  const base =
    starts.length === 0 && method.tokens !== 'none' ? NOTHING : method.trainable(starts.length, config, methodOptions);
  const trainable = maps.length === 0 ? base : withMadeRows(base, maps, width);
  const network = promptNetwork(model.checkpoint, {
    loss: 'labels',
    trainable,
    sharedRows: compiled.sharedRows,
    maxPositions: maxLength,
    ...{ threads, thread },
  });
  const give = givenMaker(places, sources);
  const none = Object.fromEntries(columns.map((column) => [column, '']));
  const titlesOf = (items: readonly string[]) =>
    items
      .slice(-TITLES_TOLD)
      .map((item) => itemFields(item)?.[title ?? ''] ?? '')
      .filter((text) => text !== '')
      .join('; ');
  return {
    ...{ model, method: options.method, methodOptions, network, starts, places, maps, trainable, maxLength, words },
    encode: ({ taste, item, liked, known }) => {
      const own = itemFields(item) ?? none;
      const fields = {
        ...own,
        title: own[title ?? ''] ?? '',
        liked: titlesOf(taste.liked),
        disliked: titlesOf(taste.disliked),
      };
      const label = liked === undefined ? undefined : String(Number(liked));
      const sequence = compiled.encode({ id: `${taste.user} ${item}`, fields, label });
      return places.length === 0 ? sequence : { ...sequence, given: give(taste, item, known) };
    },
    ...candidateScoring(network, 2),
    isBetter: (a, b) => a.loss < b.loss,
    blank: (place) => new Float32Array(maps[place]!.inputs),
    record: () => ({ task: 'classification', template: template.source, placement: 'elsewhere', labels }),
  };
}
