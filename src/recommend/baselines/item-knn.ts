import { GrowingColumn } from '../../data/interactions/growing-column.js';
import { countCodes } from '../../data/interactions/interaction-data.js';
import type { Sequences } from '../../data/interactions/interaction-splits.js';
import { groupRows, startOffsets } from '../../data/interactions/user-order.js';
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

/** Votes kept at most, 0.4 GB: in a catalogue of more than 250,000 items fewer than 200 neighbours vote for one. */
const MOST_VOTES = 50_000_000;
/** Of who met more items than this only so many are looked at, evenly: pairs grow with the square. */
const MOST_OF_A_USER = 5000;

/** How many similar items may vote for an item, so that memory is bounded. */
export function neighboursWithin(neighbours: number, items: number): number {
  return Math.max(1, Math.min(neighbours, Math.floor(MOST_VOTES / items)));
}

/**
 * Item-based neighbours (Sarwar et al. 2001; Ferrari Dacrema et al. 2019, section 3.1): with X the matrix of users and
 * items, 1 where they met, and c = XᵀX, the similarity of two items is c_ij / (√(c_ii·c_jj) + shrinkage), kept for the
 * most similar `neighbours` of each item j; of equal ones the first. One row of c exists at a time.
 * @param neighbours at most `neighboursWithin`
 * @throws BASELINE_SETTING
 */
export function fitItemKnn(train: Sequences, items: number, { neighbours, shrinkage }: ItemKnnSettings): ItemVotes {
  checkSetting('neighbours', neighbours, 1);
  checkSetting('shrinkage', shrinkage, 0);
  const most = neighboursWithin(neighbours, items);
  const byUser = distinctHistories(train, MOST_OF_A_USER);
  const byItem = usersOfItems(byUser, items);
  const sizes = countCodes(byUser.items, items);
  const together = new Int32Array(items);
  const met = new Int32Array(items);
  const similarity = new Float64Array(items);
  const ends = new Int32Array(items);
  const voters = new GrowingColumn((length) => new Int32Array(length));
  const similarities = new GrowingColumn((length) => new Float32Array(length));
  let kept = 0;
  for (let target = 0; target < items; target++) {
    let count = 0;
    for (let at = byItem.offsets[target]!; at < byItem.offsets[target + 1]!; at++) {
      const user = byItem.users[at]!;
      for (let i = byUser.offsets[user]!; i < byUser.offsets[user + 1]!; i++) {
        const item = byUser.items[i]!;
        if (item !== target && together[item]!++ === 0) met[count++] = item;
      }
    }
    const voting = met.subarray(0, count).sort();
    voting.forEach((voter, i) => {
      similarity[i] = together[voter]! / (Math.sqrt(sizes[target]! * sizes[voter]!) + shrinkage);
      together[voter] = 0;
    });
    for (const i of largest(similarity.subarray(0, count), most)) {
      voters.push(voting[i]!);
      similarities.push(similarity[i]!);
      kept++;
    }
    ends[target] = kept;
  }
  return groupByVoter(voters.take(), ends, similarities.take(), items);
}

/** The places of the `count` largest numbers, ascending; of equal ones the first. */
function largest(values: Float64Array, count: number): number[] {
  const places = Array.from(values.keys());
  if (values.length <= count) return places;
  const least = values.slice().sort()[values.length - count]!;
  let equal = count - places.reduce((above, i) => above + (values[i]! > least ? 1 : 0), 0);
  return places.filter((i) => values[i]! > least || (values[i] === least && equal-- > 0));
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

/** @param voters, similarities target after target @param ends [items] where each target's end */
function groupByVoter(voters: Int32Array, ends: Int32Array, similarities: Float32Array, items: number): ItemVotes {
  const offsets = startOffsets(countCodes(voters, items));
  const next = offsets.slice();
  const targets = new Int32Array(voters.length);
  const ofVoters = new Float32Array(voters.length);
  for (let target = 0, at = 0; target < items; target++) {
    for (; at < ends[target]!; at++) {
      const place = next[voters[at]!]!++;
      targets[place] = target;
      ofVoters[place] = similarities[at]!;
    }
  }
  return { offsets, targets, similarities: ofVoters };
}

function usersOfItems(histories: Sequences, items: number) {
  const users = new Int32Array(histories.items.length);
  for (let user = 0; user + 1 < histories.offsets.length; user++) {
    users.fill(user, histories.offsets[user], histories.offsets[user + 1]);
  }
  const { offsets, rows } = groupRows(histories.items, items);
  return { offsets, users: rows.map((row) => users[row]!) };
}
