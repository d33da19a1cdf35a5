import type { DuckDBConnection } from '@duckdb/node-api';
import { SoftpromptError } from '../../errors.js';
import {
  ALLOWED_FUNCTIONS,
  ALLOWED_TYPES,
  CONSTANT_FROM,
  isAllowedFunction,
  PRESENT,
  WRITTEN_OUT,
} from './allowed-functions.js';

/** The table that conditions are about. */
export const ITEMS = 'items';

/** The statement around a condition. The line ends keep a comment in the condition from swallowing what follows. */
export const statementFor = (condition: string, selected: string) =>
  `SELECT ${selected} FROM ${ITEMS} WHERE\n${condition}\n`;

const LONGEST_CONDITION = 100_000; // characters

/**
 * Refuses what is not one condition on the items' columns. The database parses the statement without running it; in
 * the tree nothing may stand beside the condition (another statement, UNION, ORDER BY, LIMIT …), and in the condition
 * only comparisons and the functions of `ALLOWED_FUNCTIONS`.
 * @throws RECOMMEND_FILTER
 */
export async function checkCondition(
  connection: DuckDBConnection,
  condition: string,
  columns: readonly string[],
): Promise<void> {
  if (condition.length > LONGEST_CONDITION) throw refused(condition, `it has ${condition.length} characters`);
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
  checkExpression(where as Node, { condition, columns, known, writtenOut: false });
}

interface ParsedStatements {
  readonly error: boolean;
  readonly error_message?: string;
  readonly statements: readonly { readonly node: Node & { readonly from_table?: { readonly table_name?: string } } }[];
}

type Node = Readonly<Record<string, unknown>>;

interface Surroundings {
  readonly condition: string;
  readonly columns: readonly string[];
  /** The columns in small letters. */
  readonly known: ReadonlySet<string>;
  /** Whether a function of `WRITTEN_OUT` stands around. */
  readonly writtenOut: boolean;
}

/** What a statement of nothing but SELECT, FROM and WHERE has beside them. */
function isBare({ type, modifiers, cte_map, group_expressions, group_sets, having, sample, qualify }: Node): boolean {
  const none = (list: unknown) => Array.isArray(list) && list.length === 0;
  const ctes = (cte_map as { readonly map?: unknown } | undefined)?.map;
  const alone = [having, sample, qualify].every((clause) => clause === null);
  return type === 'SELECT_NODE' && alone && [modifiers, ctes, group_expressions, group_sets].every(none);
}

/** What may stand in operators, by DuckDB's type of the node. */
const OPERATORS = new Set([
  'COMPARE_IN',
  'COMPARE_NOT_IN',
  'OPERATOR_NOT',
  'OPERATOR_IS_NULL',
  'OPERATOR_IS_NOT_NULL',
  'OPERATOR_COALESCE',
  'OPERATOR_TRY',
  'ARRAY_EXTRACT',
  'ARRAY_SLICE',
]);

function checkExpression(node: Node, around: Surroundings): void {
  const parts = partsOf(node);
  if (parts === undefined) {
    throw refused(around.condition, `it holds ${NAMES[String(node.class)] ?? 'something else than a comparison'}`);
  }
  if (node.class === 'COLUMN_REF') checkColumn(node, around);
  if (node.class === 'CAST') checkType(node, around);
  const writtenOut = node.class === 'FUNCTION' && checkFunction(node, around);
  for (const part of parts) checkExpression(part, { ...around, writtenOut: around.writtenOut || writtenOut });
}

/** The expressions in one. Undefined for every kind that is not named here. */
function partsOf(node: Node): readonly Node[] | undefined {
  const { left, right, input, lower, upper, else_expr, child } = node as Readonly<Record<string, Node>>;
  const children = node.children as readonly Node[];
  switch (node.class) {
    case 'CONSTANT':
    case 'COLUMN_REF':
      return [];
    case 'COMPARISON':
      return [left!, right!];
    case 'CONJUNCTION':
    case 'FUNCTION':
      return children;
    case 'OPERATOR':
      return OPERATORS.has(String(node.type)) ? children : undefined;
    case 'BETWEEN':
      return [input!, lower!, upper!];
    case 'CASE': {
      const checks = node.case_checks as readonly { readonly when_expr: Node; readonly then_expr: Node }[];
      return [...checks.flatMap(({ when_expr, then_expr }) => [when_expr, then_expr]), else_expr!];
    }
    case 'COLLATE':
    case 'CAST':
      return [child!];
    default:
      return undefined;
  }
}

const NAMES: Readonly<Record<string, string>> = {
  SUBQUERY: 'a query of its own',
  PARAMETER: 'a parameter',
  LAMBDA: 'a function of its own (lambda)',
  WINDOW: 'a window function',
  STAR: 'all columns at once',
};

function checkColumn(node: Node, { condition, columns, known }: Surroundings): void {
  const names = node.column_names as readonly string[];
  const [name] = names[0] === ITEMS && names.length > 1 ? names.slice(1) : names;
  if (known.has(name!.toLowerCase()) || PRESENT.has(name!.toLowerCase())) return;
  throw new SoftpromptError('RECOMMEND_FILTER', {
    found: `The condition ${shortened(condition)} uses '${name}', which no item has`,
    expected: `columns of the items: ${columns.join(', ')}`,
    fix: "Correct the name; texts stand in single quotes, as in genre = 'Drama'.",
  });
}

function checkType(node: Node, { condition }: Surroundings): void {
  const { id } = node.cast_type as { readonly id: string };
  if (!ALLOWED_TYPES.has(id)) throw refused(condition, `it casts to ${id === 'UNBOUND' ? 'an unknown type' : id}`);
}

/** Whether it is one of `WRITTEN_OUT`. */
function checkFunction(node: Node, { condition, writtenOut: inside }: Surroundings): boolean {
  const name = String(node.function_name).toLowerCase();
  const args = node.children as readonly Node[];
  const schema = String(node.schema);
  if (!['', 'main'].includes(schema) || node.catalog !== '' || !isAllowedFunction(name)) {
    throw functionRefused(condition, schema === '' || schema === 'main' ? name : `${schema}.${name}`);
  }
  const orders = (node.order_bys as { readonly orders?: readonly unknown[] } | null)?.orders ?? [];
  if (node.filter !== null || node.distinct !== false || orders.length > 0) {
    throw refused(condition, `${name} is more than a call`);
  }
  const constants = args.slice(CONSTANT_FROM[name] ?? args.length);
  if (!constants.every((arg) => arg.class === 'CONSTANT')) {
    const shown = name.includes('~') || name.includes('like') ? 'LIKE' : name;
    throw refused(condition, `what ${shown} looks for must be a constant, such as 'tea'`);
  }
  checkPattern(name, constants, condition);
  const writtenOut = WRITTEN_OUT.has(name);
  if (writtenOut && inside) throw refused(condition, `${name} stands inside nullif or split_part`);
  return writtenOut;
}

/** Refuses patterns whose search takes long, and replacements that let a text grow. */
function checkPattern(name: string, constants: readonly Node[], condition: string): void {
  const [pattern = '', replacement = ''] = constants.map(({ value }) => {
    const text = (value as { readonly value?: unknown }).value;
    return typeof text === 'string' ? text : '';
  });
  if (name === 'replace' && replacement.length > pattern.length) {
    throw refused(condition, 'replace puts in more than it takes out');
  }
  if (!name.includes('~~') && !name.includes('like')) return;
  // LIKE without _ is searched part by part; anything else tries every place for every %.
  const linear = ['~~', '!~~'].includes(name) && !pattern.includes('_');
  const searches = pattern.replace(/^%+|%+$/g, '').split(/%+/).length;
  if (!linear && searches > MOST_SEARCHES) {
    throw refused(condition, `LIKE with ${searches} parts between %; combine several by AND, or use regexp_matches`);
  }
}

/** Parts between % that ILIKE, and LIKE with _, may look for. */
const MOST_SEARCHES = 2;

const shortened = (condition: string) => (condition.length <= 200 ? condition : `${condition.slice(0, 200)}…`);

/** @param why what the database, or we, have against it @param fix default: how texts are written */
export function refused(condition: string, why: string, fix = 'Correct it; texts stand in single quotes.') {
  return new SoftpromptError('RECOMMEND_FILTER', {
    found: `The condition ${shortened(condition)} cannot be used: ${why}`,
    expected:
      "one condition in SQL, such as genre = 'Drama' AND year > 1990: comparisons, arithmetic, functions of texts and " +
      'dates; no queries, files or settings',
    fix,
  });
}

function functionRefused(condition: string, name: string): SoftpromptError {
  const lists = Object.entries(ALLOWED_FUNCTIONS).map(([kind, names]) => `${kind}: ${names.replaceAll(' ', ', ')}`);
  return refused(condition, `the function ${name} is not allowed`, `Allowed are, of ${lists.join('; of ')}.`);
}
