// Checks the import order of docs/architecture.md: a file imports only from its own stage or an earlier one.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';

const stages = [
  'data',
  'tokenizer',
  'prompt',
  'autodiff',
  'model',
  'methods',
  'evaluation',
  'tuning',
  'recommend',
  'artifact',
  'pipeline',
  'server',
  'cli',
];
const freeToAll = new Set([
  'errors.ts',
  'random.ts',
  'atomic-file.ts',
  'running-process.ts',
  'check-options.ts',
  'json-record.ts',
  'optional-package.ts',
  'extremes.ts',
  'shell-command.ts',
  'write-failure.ts',
  'nearest-path.ts',
]);
const root = resolve(import.meta.dirname ?? '.', '..', 'src');

const stageOf = (file) => relative(root, file).split(sep)[0];
const files = readdirSync(root, { recursive: true })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => join(root, name));

const mistakes = [];
for (const file of files) {
  const from = stageOf(file);
  if (from.endsWith('.ts')) {
    if (!freeToAll.has(from) && from !== 'index.ts' && !from.endsWith('.test.ts'))
      mistakes.push(`${from}: lies in no stage`);
    if (!freeToAll.has(from)) continue;
  } else if (!stages.includes(from)) mistakes.push(`${relative(root, file)}: '${from}' is not a stage`);
  for (const [, target] of readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)) {
    const imported = resolve(dirname(file), target.replace(/\.js$/, '.ts'));
    const to = stageOf(imported);
    if (freeToAll.has(to)) continue;
    if (stages.indexOf(to) === -1 || stages.indexOf(to) > stages.indexOf(from)) {
      mistakes.push(`${relative(root, file)} (${from}) imports ${target} (${to}), a later stage`);
    }
  }
}
if (mistakes.length > 0) {
  console.error(
    `${mistakes.join('\n')}\nStages, in order: ${stages.join(' → ')}. Move the code, or pass it in as a parameter.`,
  );
  process.exit(1);
}
console.log(`import order: ${files.length} files follow ${stages.join(' → ')}`);
