import { sasRecWeights } from '../sequential/sasrec-network.js';
import type { SavedNetwork } from './recommender-network.js';
import { StoredVotes } from './stored-votes.js';

/** What the files of a recommender's folder hold, each by itself. */
export interface FolderContents {
  readonly items: readonly string[];
  /** Values of each column, a row an item. */
  readonly itemColumns: ReadonlyMap<string, readonly string[]>;
  readonly users: readonly string[];
  readonly histories: { readonly offsets: Int32Array; readonly items: Int32Array };
  readonly network: SavedNetwork;
}

/** Why the files do not belong together, by what they count; undefined where they may. */
export function mismatch({ items, itemColumns, users, histories, network }: FolderContents): string | undefined {
  const rows = users.length + 1;
  const counts: readonly (readonly [what: string, found: number, of: string, expected: number])[] = [
    ['users with a history', histories.offsets.length - 1, 'users', users.length],
    ['interactions in the histories', histories.items.length, 'by their ends', histories.offsets[rows - 1] ?? 0],
    ...networkCounts(network, items.length, users.length),
  ];
  const wrong = counts.find(([, found, , expected]) => found !== expected);
  if (wrong) return `${wrong[1]} ${wrong[0]}, but ${wrong[3]} ${wrong[2]}`;
  return (
    named('user', users) ??
    named('item', items) ??
    inOrder('histories', histories.offsets) ??
    within('histories', histories.items, items.length) ??
    columnsFilled(itemColumns) ??
    itemItemFits(network, items.length)
  );
}

type Count = readonly [what: string, found: number, of: string, expected: number];

function networkCounts({ network, itemItem, trend }: SavedNetwork, items: number, users: number): Count[] {
  const { shape, weights, inputs, popularity, counts } = network;
  const ofUsers = network.users;
  return [
    ['items in the network', shape.items, 'items', items],
    ['numbers a text', inputs.features?.width ?? 0, 'by the shape of the network', shape.features],
    ['counts of popularity', popularity.length, 'items', items],
    ...(counts ? [count('counts of interactions', counts, 'items', items)] : []),
    ...(trend ? [count('faded counts of interactions', trend.counts, 'items', items)] : []),
    ...Object.entries(sasRecWeights(shape)).map(
      ([name, spec]): Count => [
        `numbers in the weight '${name}'`,
        weights[name]?.length ?? 0,
        'by the shape of the network',
        spec.shape.reduce((product, size) => product * size, 1),
      ],
    ),
    ...(inputs.features
      ? [count('numbers of texts', inputs.features.vectors, `for ${items} items`, items * inputs.features.width)]
      : []),
    ...(inputs.shares ? [count('shares of items', inputs.shares, 'items', items)] : []),
    ...(ofUsers
      ? [count("users' groups", ofUsers.groups, 'by the attributes', users * ofUsers.attributes.length)]
      : []),
    ...(ofUsers?.shares ? [count('shares of users', ofUsers.shares, 'users', users)] : []),
    ...(itemItem && !(itemItem.model instanceof StoredVotes)
      ? [count('rows of the item-item model', itemItem.model.offsets, 'items and one', items + 1)]
      : []),
  ];
}

const count = (what: string, found: { readonly length: number }, of: string, expected: number): Count => [
  what,
  found.length,
  of,
  expected,
];

function named(what: string, ids: readonly unknown[]): string | undefined {
  const wrong = ids.findIndex((id) => typeof id !== 'string' || id === '');
  if (wrong !== -1) return `the ${what} in line ${wrong + 1} has no id`;
  return new Set(ids).size < ids.length ? `two ${what}s of the same id` : undefined;
}

function inOrder(what: string, offsets: Int32Array): string | undefined {
  const broken = offsets[0] !== 0 || offsets.some((offset, i) => i > 0 && offset < offsets[i - 1]!);
  return broken ? `${what} whose ends are not in order` : undefined;
}

function within(what: string, codes: Int32Array, items: number): string | undefined {
  return codes.some((code) => code < 0 || code >= items) ? `${what} of items that there are not` : undefined;
}

function columnsFilled(columns: FolderContents['itemColumns']): string | undefined {
  for (const [name, values] of columns) {
    const wrong = values.findIndex((value) => typeof value !== 'string');
    if (wrong !== -1) return `no value in the column '${name}' of the item in line ${wrong + 2}`;
  }
  return undefined;
}

function itemItemFits({ itemItem }: SavedNetwork, items: number): string | undefined {
  if (itemItem === undefined || itemItem.model instanceof StoredVotes) return undefined; // copied as they are
  const { offsets, targets, weights } = itemItem.model;
  if (offsets.at(-1) !== targets.length || targets.length !== weights.length) {
    return `an item-item model of ${targets.length} neighbours and ${weights.length} weights`;
  }
  return inOrder('an item-item model', offsets) ?? within('an item-item model', targets, items);
}
