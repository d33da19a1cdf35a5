import type { InteractionDescription, SizeSummary } from '../data/interactions/describe-interactions.js';
import type { SplitLeaks } from '../data/interactions/find-leaks.js';
import { TIME_UNIT_WORDS } from '../data/interactions/times/time-unit.js';
import { alignColumns } from '../evaluation/score-table.js';
import type { AttributeDescription, DataDescription } from '../recommend/preparation/describe-data.js';

/** A description for a terminal. */
export function formatDescription(description: DataDescription, width?: number): string {
  const { report, notes, interactions, items, users, protocol, leaks } = description;
  const columns = Object.entries(report.columns).map(([role, column]) => `${role} = ${column}`);
  return [
    `Source        ${report.source}, ${report.rows} rows${droppedText(report.dropped)}`,
    `Columns       ${columns.join(', ')}${report.timeUnit === undefined ? '' : ` (${TIME_UNIT_WORDS[report.timeUnit]})`}`,
    ...notes.slice(1).map((note) => `Note          ${note}`),
    '',
    alignColumns([['', 'number'], ...counts(interactions)], width),
    '',
    alignColumns(
      [
        ['', 'smallest', 'median', 'mean', '90 %', 'largest'],
        ['interactions of a user', ...sizes(interactions.historyLength)],
        ['interactions of an item', ...sizes(interactions.interactionsPerItem)],
      ],
      width,
    ),
    '',
    alignColumns(
      [
        ['most popular items', ...interactions.popularity.map(({ topItems }) => percent(topItems, 0))],
        ['their interactions', ...interactions.popularity.map((top) => percent(top.interactions, 0))],
      ],
      width,
    ),
    '',
    ...(interactions.from === null
      ? [
          `Time          ${report.timeUnit === 'order' ? 'numbers that say an order alone' : 'none: the order of the rows is the order of time'}`,
        ]
      : [`Time          ${interactions.from} to ${interactions.to}`]),
    ...(items ? [attributeText('Items', 'items', items)] : []),
    ...(users ? [attributeText('Users', 'users', users)] : []),
    `Split         ${protocol}`,
    '',
    formatLeaks(leaks, width),
  ].join('\n');
}

/** What held-out parts share with training, for a terminal. */
export function formatLeaks(leaks: readonly SplitLeaks[], width?: number): string {
  const rows = [
    ['', ...leaks.map(({ part }) => part)],
    ['users', ...leaks.map(({ users }) => String(users))],
    ['interactions', ...leaks.map(({ interactions }) => String(interactions))],
    ['with an item the user had before', ...leaks.map(({ alreadySeen }) => String(alreadySeen))],
    ['earlier than the own history', ...leaks.map(({ beforeOwnHistory }) => String(beforeOwnHistory))],
    ['of users unknown to training', ...leaks.map(({ ofUnseenUsers }) => String(ofUnseenUsers))],
    ['with items unknown to training', ...leaks.map(({ withUnseenItems }) => String(withUnseenItems))],
    [
      'training later than the first',
      ...leaks.map(({ trainLater }) => (trainLater === null ? 'no times' : percent(trainLater, 1))),
    ],
  ];
  return alignColumns(rows, width);
}

function counts(interactions: InteractionDescription): string[][] {
  const { users, items, density, usersWithOne, duplicates, again, outOfOrder, tiedTimes } = interactions;
  return [
    ['users', String(users)],
    ['items', String(items)],
    ['interactions', String(interactions.interactions)],
    ['density', percent(density, 3)],
    ['users with one interaction', String(usersWithOne)],
    ['copied rows', String(duplicates)],
    ['the same item again later', String(again)],
    ['rows out of the order of time', String(outOfOrder)],
    ['rows at the time of the one before', String(tiedTimes)],
  ];
}

function sizes({ smallest, median, mean, ninetieth, largest }: SizeSummary): string[] {
  return [String(smallest), String(median), mean.toFixed(1), String(ninetieth), String(largest)];
}

function attributeText(heading: string, of: string, { rows, missing, unused, empty }: AttributeDescription): string {
  const columns = Object.entries(empty).map(([name, count]) => (count === 0 ? name : `${name} (empty in ${count})`));
  return `${heading.padEnd(14)}${rows} rows; ${missing} ${of} of the interactions have none, ${unused} have no interactions; columns: ${columns.join(', ')}`;
}

function droppedText({ withoutId, invalidTime, invalidRating }: DataDescription['report']['dropped']): string {
  const parts = [
    [withoutId, 'without an id'],
    [invalidTime, 'without a readable time'],
    [invalidRating, 'without a readable rating'],
  ] as const;
  const said = parts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  return said.length === 0 ? '' : `, of which left out: ${said.join(', ')}`;
}

function percent(share: number, digits: number): string {
  return `${(100 * share).toFixed(digits)} %`;
}
