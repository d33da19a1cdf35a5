import type { StoredTensor } from '../../weights/stored-tensor.js';
import type { NamedArrays, WritableArrays } from '../../weights/tensor-file.js';
import type { ItemItemModel } from '../item-item-model.js';
import { likenessOf } from '../likeness.js';
import type { Whitening } from '../reading/whitening.js';
import type { Recommender } from '../recommender.js';
import type { SasRecShape } from '../sequential/sasrec-network.js';
import type { NetworkRecord } from './recommender-record.js';
import { StoredVotes, type VoteTensors } from './stored-votes.js';

/** A network with its item-item model, and what its items' texts were read with: one file and a part of the record. */
export interface SavedNetwork extends Pick<Recommender, 'network' | 'itemItem' | 'likeness' | 'trend'> {
  /** [P, d]; undefined where no texts were read. */
  readonly prompt: Float32Array | undefined;
  readonly whitening: Whitening | undefined;
}

const WEIGHT = 'weight ';

export function networkRecordOf({ network, itemItem, likeness, trend }: SavedNetwork): NetworkRecord {
  return {
    shape: plainShape(network.shape),
    featureWidth: network.inputs.features?.width ?? 0,
    ...(network.users && { userAttributes: network.users.attributes }),
    mixture: itemItem
      ? {
          ...itemItem.mixture,
          recency: itemItem.model.recency,
          borrows: itemItem.borrows ?? true,
          ...(itemItem.wordVotes && { wordVotes: true as const }),
        }
      : null,
    ...(likeness && { likeness: { weight: likeness.weight, latest: likeness.latest } }),
    ...(trend && { trend: { weight: trend.weight, halfLife: trend.halfLife, until: trend.until } }),
  };
}

export function networkArrays({ network, itemItem, trend, prompt, whitening }: SavedNetwork): WritableArrays {
  const { features, shares } = network.inputs;
  return {
    ...Object.fromEntries(Object.entries(network.weights).map(([name, weight]) => [WEIGHT + name, weight])),
    popularity: network.popularity,
    ...(network.counts && { counts: network.counts }),
    ...(trend && { trend: trend.counts }),
    ...(features && { features: features.vectors }),
    ...(shares && { shares }),
    ...(network.users && { 'users.groups': network.users.groups }),
    ...(network.users?.shares && { 'users.shares': network.users.shares }),
    ...(prompt && { prompt }),
    ...(whitening && { 'whitening.mean': whitening.mean, 'whitening.matrix': whitening.matrix }),
    ...(itemItem && votesByName(itemItem.model instanceof StoredVotes ? itemItem.model.stored : itemItem.model)),
  };
}

const votesByName = ({ offsets, targets, weights }: ItemItemModel | VoteTensors): WritableArrays => ({
  'itemItem.offsets': offsets,
  'itemItem.targets': targets,
  'itemItem.weights': weights,
});

/** Whether an array is of the item-item model. */
export const isOfVotes = (name: string): boolean => name.startsWith('itemItem.');

/**
 * The inverse of both.
 * @param damaged makes the error for a tensor that is missing or of another kind
 * @param left the item-item model's, where they are left in their file
 */
export function networkFrom(
  { shape, featureWidth, userAttributes, mixture, likeness, trend }: NetworkRecord,
  arrays: NamedArrays,
  damaged: (found: string) => Error,
  left: Readonly<Record<string, StoredTensor>> = {},
): SavedNetwork {
  const float = (name: string) => {
    const array = arrays[name];
    if (array instanceof Float32Array) return array;
    throw damaged(`no float32 tensor '${name}'`);
  };
  const int = (name: string) => {
    const array = arrays[name];
    if (array instanceof Int32Array) return array;
    throw damaged(`no int32 tensor '${name}'`);
  };
  const votes = (recency: number): ItemItemModel => {
    const [offsets, targets, weights] = ['offsets', 'targets', 'weights'].map((name) => left[`itemItem.${name}`]);
    if (offsets && targets && weights) return new StoredVotes({ offsets, targets, weights }, recency);
    return {
      ...{ offsets: int('itemItem.offsets'), targets: int('itemItem.targets') },
      ...{ weights: float('itemItem.weights'), recency },
    };
  };
  const features = featureWidth > 0 ? { vectors: float('features'), width: featureWidth } : undefined;
  const weights = Object.keys(arrays).filter((name) => name.startsWith(WEIGHT));
  return {
    network: {
      shape,
      weights: Object.fromEntries(weights.map((name) => [name.slice(WEIGHT.length), float(name)])),
      inputs: {
        features,
        shares: shape.itemShares ? float('shares') : undefined,
      },
      popularity: float('popularity'),
      ...(arrays.counts && { counts: float('counts') }),
      ...(userAttributes && {
        users: {
          attributes: userAttributes,
          groups: int('users.groups'),
          shares: (shape.users?.ids ?? 0) > 0 ? float('users.shares') : undefined,
        },
      }),
    },
    itemItem: mixture
      ? {
          model: votes(mixture.recency),
          mixture: { weight: mixture.weight, floor: mixture.floor },
          borrows: mixture.borrows ?? true,
          wordVotes: mixture.wordVotes ?? false,
        }
      : undefined,
    ...(likeness && features && { likeness: likenessOf(features, likeness) }),
    ...(trend && { trend: { ...trend, counts: float('trend') } }),
    prompt: arrays.prompt && float('prompt'),
    whitening: arrays['whitening.mean'] && {
      mean: float('whitening.mean'),
      matrix: float('whitening.matrix'),
      width: float('whitening.matrix').length / float('whitening.mean').length,
    },
  };
}

function plainShape(shape: SasRecShape): SasRecShape {
  const { items, width, layers, heads, maxLength, itemVectors, features, itemShares } = shape;
  const { users, frozen, recurrent, masked } = shape;
  const plain = { items, width, layers, heads, maxLength, itemVectors, features, itemShares };
  return {
    ...plain,
    ...(users && { users }),
    ...(frozen && { frozen }),
    ...(recurrent && { recurrent }),
    ...(masked && { masked }),
  };
}
