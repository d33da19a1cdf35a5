import { GrowingColumn } from '../../data/interactions/growing-column.js';
import { countCodes } from '../../data/interactions/interaction-data.js';
import { type Sequences, sequenceOf } from '../../data/interactions/interaction-splits.js';
import { groupRows } from '../../data/interactions/user-order.js';
import type { Scorer } from '../scorer.js';
import { checkSetting } from './baseline-setting.js';
import { distinctHistories } from './distinct-histories.js';
import { linearScorer } from './linear-scorer.js';

export interface ItemKnnSettings {
  /** How many similar items vote for an item. */
  readonly neighbours: number;
  /** Added to the denominator of the cosine: what few users say counts less. */
  readonly shrinkage: number;
}

/** The items that an item votes for, in compressed form. */
export interface ItemVotes {
  /** [items + 1] */
  readonly offsets: Int32Array;
  readonly targets: Int32Array;
  readonly similarities: Float32Array;
}

/**
 * Item-based neighbours (Sarwar et al. 2001; Ferrari Dacrema et al. 2019, section 3.1): with X the matrix of users and
 * items, 1 where they met, and c = XᵀX, the similarity of two items is c_ij / (√(c_ii·c_jj) + shrinkage), kept for the
 * most similar `neighbours` of each item j.
 * @throws BASELINE_SETTING
 */
export function fitItemKnn(train: Sequences, items: number, { neighbours, shrinkage }: ItemKnnSettings): ItemVotes {
  checkSetting('neighbours', neighbours, 1);
  checkSetting('shrinkage', shrinkage, 0);
  const byUser = distinctHistories(train);
  const byItem = usersOfItems(byUser, items);
  const sizes = countCodes(byUser.items, items);
  const together = new Int32Array(items);
  const targets = new GrowingColumn((length) => new Int32Array(length));
  const voters = new GrowingColumn((length) => new Int32Array(length));
  const similarities = new GrowingColumn((length) => new Float32Array(length));
  for (let target = 0; target < items; target++) {
    const met: number[] = [];
    for (let at = byItem.offsets[target]!; at < byItem.offsets[target + 1]!; at++) {
      for (const item of sequenceOf(byUser, byItem.users[at]!)) if (together[item]!++ === 0) met.push(item);
    }
    const similar = met
      .filter((voter) => voter !== target)
      .map((voter) => {
        return { voter, similarity: together[voter]! / (Math.sqrt(sizes[target]! * sizes[voter]!) + shrinkage) };
      })
      .sort((x, y) => y.similarity - x.similarity || x.voter - y.voter);
    for (const { voter, similarity } of similar.slice(0, neighbours)) {
      targets.push(target);
      voters.push(voter);
      similarities.push(similarity);
    }
    for (const item of met) together[item] = 0;
  }
  return groupByVoter(voters.take(), targets.take(), similarities.take(), items);
}

/** A `linearScorer` of the votes. @throws BASELINE_SETTING */
export function itemKnnScorer(votes: ItemVotes, train: Sequences, items: number, recency = 1): Scorer {
  const { offsets, targets, similarities } = votes;
  return {
    ...linearScorer(train, items, recency, (item, weight, out) => {
      for (let at = offsets[item]!; at < offsets[item + 1]!; at++) out[targets[at]!]! += weight * similarities[at]!;
    }),
    votesOf: (item) => {
      const [from, to] = [offsets[item]!, offsets[item + 1]!];
      return { targets: targets.subarray(from, to), weights: similarities.subarray(from, to) };
    },
  };
}

function groupByVoter(voters: Int32Array, targets: Int32Array, similarities: Float32Array, items: number): ItemVotes {
  const { offsets, rows } = groupRows(voters, items);
  return {
    offsets,
    targets: rows.map((row) => targets[row]!),
    similarities: Float32Array.from(rows, (row) => similarities[row]!),
  };
}

function usersOfItems(histories: Sequences, items: number) {
  const users = new Int32Array(histories.items.length);
  for (let user = 0; user + 1 < histories.offsets.length; user++) {
    users.fill(user, histories.offsets[user], histories.offsets[user + 1]);
  }
  const { offsets, rows } = groupRows(histories.items, items);
  return { offsets, users: rows.map((row) => users[row]!) };
}
