import { count } from '../../options/kind.js';
import { declareOptions } from '../../options/option.js';
import { shardKind } from './shard.js';

/** How a batch is cut: a file each, and a manifest that says which are whole. */
export const SHARDS = declareOptions({
  shard: { kind: shardKind, about: 'answer only this part, such as 3/8, into a file of its own', excludes: ['shards'] },
  shards: { kind: count(), about: 'cut the batch into so many parts, a file each' },
});
