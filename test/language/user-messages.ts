import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Node, parse } from 'acorn';
import { ancestor } from 'acorn-walk';

/** What people may be told, as it is written in the code, with `{0}`, `{1}`, … where values are filled in. */
export interface UserMessage {
  readonly english: string;
  /** The compiled file, from `dist/src`. */
  readonly file: string;
}

/**
 * Files whose words are no messages of the command line: for programs and their programmers (HTTP answers, schemas, the
 * library, the compiler of networks), in files that are shared with others (cards, documents), or read by machines (ONNX).
 */
const NOT_TOLD = [
  /^(autodiff|library)\/|^interaction-store\/(?!store-options)/,
  /^server\/(?!serve-options|server-refusals)/,
  /^(errors|index)\.js$/,
  /(^|-)(card|page|schemas|protobuf|migrations)\.js$/,
  /^language\//,
  /^data\/simulation\//,
  /^hub\/data-sets\/movielens\.js$/,
  /^recommend\/serving\/allowed-functions\.js$/,
  /^tasks\/comparison\/comparison-(plot|text)\.js$/,
  // what a model is told
  /^tasks\/(prompt-search\/(ape|label-question)|design\/template-grammar)\.js$/,
  /^tour\/sample-sentiment\.js$/,
  /^cli\/completion\.js$/,
  /^report\/(html|page|event-file)\.js$/,
];

/** Literals that are code: signs of flags, SQL, names of formats, templates, labels as JSON. */
const CODE = [
  /^-{1,2}[a-z]/,
  /^\s*(SELECT|WITH|SET|COPY|CREATE|ATTACH|USE|LOAD|INSTALL|INSERT|DELETE|UPDATE|ALTER|POSITIONAL)\b/,
  /^(set local|select oid)/,
  /^\s*(select|insert|delete|update|create|alter|coalesce|lower|regexp_\w+|list_\w+)(\(| [\w*]+ (from|table|into|set)\b| into\b| \w+,)/,
  /^softprompt [\w {}-]+ \d+$/,
  /^\[soft:\d+\]|^\{"/,
  /^(SQLite format|version https|npx softprompt)/,
  /^[\w.{}]*_[\w.{}]*$/,
  /^\(\{0\}\n\) as source$|^begin transaction|^convert_from|^\{0\} as c|^declare |^fetch \{0\} from|^\{0\} INTEGER$/,
  /^(iconv -f|gunzip -c|blob|Bearer|bytes \{0\}-|<!doctype|<meta|# )/,
  /^(A reader enjoyed|Liked: |\[soft:"(Someone|A person|What a buyer|What someone))|one after the other:$|^26 Jul/,
  // who is to be cited, in whose words
  /no redistribution|ACM Transactions|CC BY 4\.0|\. ACL\.$/,
  // inputs and draws of networks
  /^\{0\} (hidden|weight|bias|scales|of all rows|of end rows)$|^(past|front|gradient|source) \{0\}$|dropout$/,
  /^(rotary in windows|parts apart|(met|drawn|user) places|the history)$/,
];

/** Properties whose values programs read. */
const MARKS = new Set(['event', 'format', 'operator', 'key', 'type', 'source', 'pattern', 'command']);

/** Every message of the compiled sources, once. */
export function userMessages(folder: string): UserMessage[] {
  const found = new Map<string, UserMessage>();
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => name.endsWith('.js') && !name.endsWith('.test.js') && !NOT_TOLD.some((kind) => kind.test(name)));
  for (const file of files.sort()) {
    for (const english of literalsOf(readFileSync(join(folder, file), 'utf8'))) {
      if (!found.has(english)) found.set(english, { english, file });
    }
  }
  return [...found.values()];
}

function literalsOf(source: string): string[] {
  const found: string[] = [];
  const tree = parse(source, { ecmaVersion: 'latest', sourceType: 'module', allowHashBang: true });
  const visit = (text: string, parents: Node[]) => {
    const isTold = isSentence(text) || (/[A-Za-z]{2}/.test(text) && describesOption(parents));
    if (isTold && !CODE.some((kind) => kind.test(text)) && !isForMachines(parents)) found.push(text.trim());
  };
  ancestor(tree, {
    Literal: (node, _, parents) => {
      if (typeof node.value === 'string') visit(node.value, parents);
    },
    TemplateLiteral: (node, _, parents) => {
      visit(node.quasis.map(({ value }, i) => `${i === 0 ? '' : `{${i - 1}}`}${value.cooked}`).join(''), parents);
    },
  });
  return found;
}

/** Two words, or a word and a value that is filled in. */
const isSentence = (text: string): boolean =>
  /[A-Za-z]{2}/.test(text.replace(/\{\d+\}/g, '')) &&
  /[\p{L}\d}).:;,'"]\s+[\p{L}{('"`<]/u.test(text) &&
  /(^|[\s('"{}])[A-Za-z]{2,}/.test(text.replace(/\{\d+\}/g, '{}'));

/** Of options even single words are told, in help. */
function describesOption(parents: Node[]): boolean {
  const parent = parents.at(-2) as (Node & { readonly key?: { readonly name?: string } }) | undefined;
  return parent?.type === 'Property' && /^(about|negated)$/.test(parent.key?.name ?? '');
}

function isForMachines(parents: Node[]): boolean {
  const kinds = parents.map((parent) => parent as Node & Record<string, unknown>);
  const parent = kinds.at(-2);
  if (parent === undefined) return false;
  if (parent.type === 'BinaryExpression' && ['===', '!=='].includes(String(parent.operator))) return true;
  if (parent.type === 'SwitchCase' || parent.type === 'ImportDeclaration' || parent.type === 'ImportExpression')
    return true;
  if (parent.type === 'Property') {
    const { key, value } = parent as unknown as { key: { name?: string }; value: Node };
    if (value === kinds.at(-1) && MARKS.has(key.name ?? '')) return true;
    if (value !== kinds.at(-1)) return true; // a key
  }
  if (parent.type === 'TaggedTemplateExpression') return true;
  // mistakes of ours, which nobody should meet
  return kinds.some((one) => one.type === 'NewExpression' && (one.callee as { name?: string }).name === 'Error');
}
