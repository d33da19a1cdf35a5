import type { DuckDBConnection } from '@duckdb/node-api';
import { SoftpromptError } from '../../errors.js';

/** The table that conditions are about. */
export const ITEMS = 'items';

/** The statement around a condition. The line ends keep a comment in the condition from swallowing what follows. */
export const statementFor = (condition: string, selected: string) =>
  `SELECT ${selected} FROM ${ITEMS} WHERE\n${condition}\n`;

/**
 * Refuses what is not one condition on the items' columns. The database parses the statement without running it; in
 * the tree nothing may stand beside the condition (another statement, UNION, ORDER BY, LIMIT …), and no query in it.
 * @throws RECOMMEND_FILTER
 */
export async function checkCondition(
  connection: DuckDBConnection,
  condition: string,
  columns: readonly string[],
): Promise<void> {
  const answer = await connection.runAndReadAll('SELECT json_serialize_sql($1::VARCHAR) AS tree', [
    statementFor(condition, '*'),
  ]);
  const tree = JSON.parse(String(answer.getRowsJS()[0]![0])) as ParsedStatements;
  if (tree.error) throw refused(condition, String(tree.error_message).split('\n')[0]!);
  const [statement, ...more] = tree.statements;
  const { where_clause: where, select_list: _, from_table: from, ...beside } = statement!.node;
  if (more.length > 0 || from?.table_name !== ITEMS || where === undefined || !isBare(beside)) {
    throw refused(condition, 'it is more than one condition');
  }
  const known = new Set(columns.map((column) => column.toLowerCase()));
  checkExpression(where, condition, columns, known, new Set());
}

interface ParsedStatements {
  readonly error: boolean;
  readonly error_message?: string;
  readonly statements: readonly { readonly node: Node & { readonly from_table?: { readonly table_name?: string } } }[];
}

type Node = Readonly<Record<string, unknown>>;

/** What a statement of nothing but SELECT, FROM and WHERE has beside them. */
function isBare({ type, modifiers, cte_map, group_expressions, group_sets, having, sample, qualify }: Node): boolean {
  const none = (list: unknown) => Array.isArray(list) && list.length === 0;
  const ctes = (cte_map as { readonly map?: unknown } | undefined)?.map;
  const alone = [having, sample, qualify].every((clause) => clause === null);
  return type === 'SELECT_NODE' && alone && [modifiers, ctes, group_expressions, group_sets].every(none);
}

/** @param bound names of lambda parameters around the expression */
function checkExpression(
  part: unknown,
  condition: string,
  columns: readonly string[],
  known: ReadonlySet<string>,
  bound: ReadonlySet<string>,
): void {
  if (typeof part !== 'object' || part === null) return;
  const node = part as Node;
  if (node.class === 'SUBQUERY') throw refused(condition, 'it holds a query of its own');
  if (node.class === 'PARAMETER') throw refused(condition, 'it holds a parameter');
  if (node.class === 'COLUMN_REF') {
    const names = node.column_names as readonly string[];
    const [name] = names[0] === ITEMS && names.length > 1 ? names.slice(1) : names;
    if (bound.has(name!) || known.has(name!.toLowerCase())) return;
    throw new SoftpromptError('RECOMMEND_FILTER', {
      found: `The condition ${condition} uses '${name}', which no item has`,
      expected: `columns of the items: ${columns.join(', ')}`,
      fix: "Correct the name; texts stand in single quotes, as in genre = 'Drama'.",
    });
  }
  const inner = node.class === 'LAMBDA' ? new Set([...bound, ...lambdaNames(node.lhs)]) : bound;
  for (const child of Object.values(node)) checkExpression(child, condition, columns, known, inner);
}

function lambdaNames(parameters: unknown): string[] {
  if (typeof parameters !== 'object' || parameters === null) return [];
  const own = (parameters as Node).class === 'COLUMN_REF' ? ((parameters as Node).column_names as string[]) : [];
  return [...own, ...Object.values(parameters).flatMap(lambdaNames)];
}

/** @param why what the database, or we, have against it */
export function refused(condition: string, why: string): SoftpromptError {
  return new SoftpromptError('RECOMMEND_FILTER', {
    found: `The condition ${condition} cannot be used: ${why}`,
    expected: "one condition in SQL, such as genre = 'Drama' AND year > 1990",
    fix: 'Correct it; texts stand in single quotes.',
  });
}
