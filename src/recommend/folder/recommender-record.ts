import { z } from 'zod';
import { checkRecord, parseRecord, type ReadRecord } from '../../files/json-record.js';
import { METHOD_NAMES } from '../../methods/registry.js';
import { POOLINGS } from '../../network/checkpoint/checkpoint.js';
import { packageVersion } from '../../package-version.js';
import { attributeGroupsRecord } from '../../tasks/prompt-folder/attribute-groups-record.js';
import { baseModelRecord } from '../../tasks/prompt-folder/base-model-record.js';
import type { JsonValue } from '../../tasks/prompt-folder/saved-prompt.js';

/** Raised when a reader of the old format would misread the new one. */
const FORMAT_VERSION = 2;

const size = z.int().positive();
const count = z.int().nonnegative();
const jsonValue: z.ZodType<JsonValue> = z.json();

const shape = z
  .object({
    items: size,
    width: size,
    layers: size,
    heads: size,
    maxLength: size,
    itemVectors: z.boolean(),
    features: count,
    itemShares: z.boolean(),
    recurrent: z.boolean().optional(),
    masked: z.boolean().optional(),
    users: z.object({ groups: count, ids: count, generator: count }).optional(),
    frozen: z
      .object({
        promptTokens: count,
        modelWidth: size,
        embeddingSize: z.number().positive(),
        itemSize: z.number().positive(),
      })
      .optional(),
  })
  .refine(({ width, heads }) => width % heads === 0, {
    path: ['heads'],
    message: 'Expected a divisor of the width',
  });

const networkRecord = z.object({
  shape,
  featureWidth: count,
  /** The attributes of users that the network is told; missing where it is told none. */
  userAttributes: z.array(attributeGroupsRecord).readonly().exactOptional(),
  mixture: z
    .object({
      weight: z.number(),
      floor: z.number().positive(),
      recency: z.number(),
      /** Missing in folders of older versions, where all did. */
      borrows: z.boolean().exactOptional(),
      /** Missing where the model says nothing of items that nobody met. */
      wordVotes: z.literal(true).exactOptional(),
    })
    .nullable(),
  likeness: z.object({ weight: z.number(), latest: size }).exactOptional(),
  trend: z.object({ weight: z.number(), halfLife: z.number().positive(), until: z.number() }).exactOptional(),
});

/** What is known of a network beside its arrays. */
export type NetworkRecord = z.infer<typeof networkRecord>;

const lifeRecord = z.object({
  /** Seconds since 1970: the latest interaction of the fit; missing where interactions have no times. */
  until: z.number().exactOptional(),
  /** Where the folder holds nobody: the latest interaction of its updates, by which it knows what was told. */
  toldUntil: z.number().exactOptional(),
  /** The folder holds nobody: no users, no histories. */
  withoutHistories: z.literal(true).exactOptional(),
  /** Items that are no longer recommended. */
  withdrawn: z.array(z.string()).readonly().exactOptional(),
  /** What updates have brought since the fit. */
  sinceFit: z
    .object({
      updates: count,
      events: count,
      users: count,
      items: count,
      changed: count,
      /** Events of items that cannot be recommended before the next fit. */
      waiting: count,
      /** People whose next item was asked for before it was told, and who found it among ten. */
      judged: count,
      hits: count,
    })
    .exactOptional(),
  /** People who were forgotten: how many, never who. */
  forgotten: count.exactOptional(),
});

/** What has become of a recommender since its fit. */
export type RecommenderLife = z.infer<typeof lifeRecord>;

const recommenderRecord = z.object({
  task: z.literal('recommendation'),
  /** The network that was measured: it has not learned from what validates and tests. */
  ...networkRecord.shape,
  /** The one that serves, which has learned from all interactions; missing where the measured one serves. */
  refitted: networkRecord.extend({ epochs: size, interactions: size }).exactOptional(),
  reading: z
    .object({
      template: z.string(),
      layers: size,
      maxLength: size.exactOptional(),
      method: z.enum(METHOD_NAMES).exactOptional(),
      pooling: z.enum(POOLINGS).exactOptional(),
      baseModel: baseModelRecord,
    })
    .nullable(),
  encoderModel: baseModelRecord.exactOptional(),
  life: lifeRecord.exactOptional(),
  /** What lies beside the record, by sha256; missing in folders of older versions. */
  files: z.record(z.string().regex(/^[\w-]+\.\w+$/), z.string().regex(/^[0-9a-f]{64}$/)).exactOptional(),
  options: jsonValue,
  protocol: z.string(),
  metrics: jsonValue,
});

/** `softprompt.json` of a recommender's folder. */
export type RecommenderRecord = z.infer<typeof recommenderRecord>;

/** The text of a record. */
export function formatRecommenderRecord(record: RecommenderRecord): string {
  const written = { formatVersion: FORMAT_VERSION, writtenBy: `softprompt ${packageVersion()}`, ...record };
  return `${JSON.stringify(written, null, 2)}\n`;
}

const head = z.looseObject({ formatVersion: z.int().positive(), task: z.string().exactOptional() });

/** Reads what `formatRecommenderRecord` wrote, and says of another record what it is. */
export function parseRecommenderRecord(text: string): ReadRecord<RecommenderRecord> {
  const read = parseRecord(text, head);
  if (read.problem !== undefined) return read;
  const { task, formatVersion } = read.record;
  if (task !== 'recommendation') return { problem: `it is that of a prompt (task '${task}'), not of a recommender` };
  if (formatVersion !== FORMAT_VERSION) {
    const older = formatVersion < FORMAT_VERSION;
    return {
      problem:
        `${older ? 'an older' : 'a newer'} softprompt wrote it, in format version ${formatVersion}; ` +
        `softprompt ${packageVersion()} reads version ${FORMAT_VERSION}`,
    };
  }
  return checkRecord(read.record, recommenderRecord);
}
