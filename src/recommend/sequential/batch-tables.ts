import type { Feed } from '../../runtime/program.js';
import type { NetworkWeights } from '../../training/network-weights.js';
import { rowsOf, type WeightGradient } from '../../training/row-gradient.js';
import { type ItemInputs, itemFeeds } from './item-inputs.js';
import { gradientName, ITEM_TABLE, type SasRecLossOptions, type SasRecShape } from './sasrec-network.js';
import type { Candidates, SoftmaxCandidates } from './softmax-candidates.js';

/** What the runs of one batch are fed of the items. */
export interface BatchTables {
  readonly feeds: Readonly<Record<string, Feed>>;
  readonly sizes: Readonly<Record<string, number>>;
  /** The items of each piece's rows, as places in the tables that are fed. */
  readonly items: readonly BigInt64Array[];
  /** The runs' gradients by name, those of a table that was fed in part as gradients of its rows. */
  gradients(results: NetworkWeights): Readonly<Record<string, WeightGradient>>;
}

/** How a fit feeds the items' tables: whole, or where the softmax is over a sample only the rows that a batch uses. */
export interface TablesOfFit {
  readonly competing: NonNullable<SasRecLossOptions['competing']>;
  /**
   * @param histories items of each piece's rows
   * @param dropped leaves shares of some items out
   */
  take(
    weights: NetworkWeights,
    inputs: ItemInputs,
    histories: readonly BigInt64Array[],
    competing: Candidates | undefined,
    dropped: (shares: Float32Array) => Float32Array,
  ): BatchTables;
}

export function batchTables(shape: SasRecShape, kind: SoftmaxCandidates['kind'] | undefined): TablesOfFit {
  return kind === 'sampled' ? rowsInUse(shape) : wholeTables(kind);
}

function wholeTables(kind: 'met' | undefined): TablesOfFit {
  let candidates: BigInt64Array | undefined; // the same in all batches
  return {
    competing: kind === 'met' ? 'some' : 'all',
    take: (_, { features, shares }, histories, competing, dropped) => {
      if (competing) candidates ??= BigInt64Array.from(competing.items, BigInt);
      return {
        feeds: { ...itemFeeds({ features, shares: shares && dropped(shares) }), ...(candidates && { candidates }) },
        sizes: candidates ? { S: candidates.length } : {},
        items: histories,
        gradients: (results) => results,
      };
    },
  };
}

function rowsInUse({ items, width }: SasRecShape): TablesOfFit {
  const place = new Int32Array(items).fill(-1);
  return {
    competing: 'first',
    take: (weights, { features, shares }, histories, competing, dropped) => {
      const rows = Array.from(competing!.items);
      const placeOf = (item: number) => {
        if (place[item] === -1) place[item] = rows.push(item) - 1;
        return place[item]!;
      };
      for (const [i, item] of rows.entries()) place[item] = i;
      const places = histories.map((of) => of.map((item) => BigInt(placeOf(Number(item)))));
      for (const item of rows) place[item] = -1;
      const used = Int32Array.from(rows);
      const own = weights[ITEM_TABLE];
      const told: ItemInputs = {
        features: features && { ...features, vectors: rowsOf(features.vectors, used, features.width) },
        shares: shares && dropped(rowsOf(shares, used, 1)),
      };
      const S = competing!.items.length;
      return {
        feeds: { ...(own && { [ITEM_TABLE]: rowsOf(own, used, width) }), ...itemFeeds(told) },
        sizes: { S, X: used.length - S },
        items: places,
        gradients: (results) => {
          const ofRows = [ITEM_TABLE, 'features'].flatMap((name) => {
            const values = results[gradientName(name)];
            return values ? [[gradientName(name), { rows: used, values }] as const] : [];
          });
          return { ...results, ...Object.fromEntries(ofRows) };
        },
      };
    },
  };
}
