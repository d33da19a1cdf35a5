import type { Example } from '../../data/example.js';
import { mapArrays } from '../../methods/made-rows.js';
import { pickMethodOptions } from '../../methods/method-options.js';
import { METHODS } from '../../methods/registry.js';
import { embeddingScale } from '../../network/checkpoint/embedding-rows.js';
import type { FrozenModel } from '../../network/load-model.js';
import { arraysOf, learnedCount } from '../../network/trainable.js';
import { type MadePlace, madePlaces } from '../../prompt/made-places.js';
import { parseTemplate } from '../../prompt/parse-template.js';
import { templateMistake } from '../../prompt/template-mistake.js';
import type { LearnedStart } from '../../prompt/template-pieces.js';
import { type GenerationTask, generationTask } from '../../tasks/generation-task.js';
import { startOwn } from '../../tasks/made-rows/own-start.js';
import { startTokens } from '../../tasks/start-prompt.js';
import type { Explanation } from './explanation-data.js';
import type { ExplanationPlan } from './explanation-options.js';
import { givenMaker, mapsOf, type PersonalSources, slotsFor, trainingId } from './personal-rows.js';

export interface ExplanationTask {
  readonly task: GenerationTask;
  readonly places: readonly MadePlace[];
}

/** What of a plan shapes the task. */
export type ExplanationSetup = Pick<
  ExplanationPlan,
  'template' | 'method' | 'maxLength' | 'rank' | 'alpha' | 'rslora' | 'targetModules' | 'threads'
>;

/** The places of a template whose rows are made. @throws TEMPLATE_INVALID */
export function explanationPlaces(template: string): MadePlace[] {
  const parsed = parseTemplate(template);
  const places = madePlaces(parsed);
  const odd = parsed.parts.find(
    (part) => part.kind === 'made' && (part.source === 'attributes' || part.source === 'items'),
  );
  if (odd === undefined) return places;
  throw templateMistake(template, odd.at, {
    found: `rows made of ${odd.kind === 'made' ? odd.source : 'attributes'}`,
    expected: 'vector, text or stats, of which explanations are made',
    fix: "Put the item's columns into the template as text, such as {title}.",
  });
}

/** How fast a soft prompt learns beside the method at hand. */
export async function scaleOf(model: FrozenModel, method: ExplanationPlan['method']): Promise<number> {
  const size = await embeddingScale(model.checkpoint);
  return METHODS.soft.learningRate(size) / METHODS[method].learningRate(size);
}

/** A text is gone on with behind rows that are made of what is known of a user and an item (PEPLER; Li et al. 2023, section 3.3). */
export async function explanationTask(
  model: FrozenModel,
  setup: ExplanationSetup,
  sources: PersonalSources,
): Promise<ExplanationTask> {
  const places = explanationPlaces(setup.template);
  const give = givenMaker(places, sources);
  const { template, maxLength, method, threads } = setup;
  const task = await generationTask(model, {
    ...pickMethodOptions(setup),
    ...{ template, maxLength, method, threads },
    made: { maps: mapsOf(places, sources), give },
  });
  return { task, places };
}

/** Rows as examples of the task. @param learned whether they are the training rows */
export function examplesOf(rows: readonly Explanation[], sources: PersonalSources, learned = false): Example[] {
  return rows.map(({ user, item, text }, i) => {
    const id = learned ? trainingId(i) : `${user} ${item}`;
    return { id, fields: slotsFor(sources, user, item, { id }), label: text };
  });
}

/** Learned tokens as the method starts them; made rows begin as words of the vocabulary, the same for all. */
export async function startExplanations(
  { task, places }: ExplanationTask,
  scale: number,
  seed: number,
): Promise<Float32Array> {
  const { model, trainable } = task;
  const learned = new Float32Array(learnedCount(trainable));
  learned.set(await startOwn(task, { scale, seed }));
  const arrays = arraysOf(trainable, learned);
  const maps = places.map((place, i) => ({ place, names: mapArrays({ name: `${i} ${place.of}:${place.source}` }) }));
  for (const [i, { place, names }] of maps.entries()) {
    const free = Array.from({ length: place.rows }, (): LearnedStart => ({ kind: 'free' }));
    arrays[names.bias]!.set(await startTokens(model, free, scale, seed + 1 + i));
  }
  return learned;
}
