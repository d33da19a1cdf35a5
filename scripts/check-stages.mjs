// Checks the plan of docs/architecture.md: a file imports from its own room, an earlier room of its floor, or a lower floor;
// no file imports itself in a circle, type-only imports counted; no file has 400 lines or more,
// and half of them (tests aside) have fewer than 120.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';

const MOST_LINES = 400;
/** Half of all files, tests aside, stay below. */
const MEDIAN_LINES = 120;
/** Floor → its rooms, in order: files of `src/` itself, and folders. */
const FLOORS = {
  ground: [
    'errors.ts',
    'random.ts',
    'extremes.ts',
    'concatenate.ts',
    'check-options.ts',
    'shell-command.ts',
    'optional-package.ts',
    'package-version.ts',
    'protobuf-message.ts',
    'files',
    'options',
    'language',
  ],
  kernel: ['data', 'weights', 'hub', 'tokenizer', 'prompt', 'autodiff', 'runtime', 'network', 'decoding', 'evaluation'],
  methods: ['methods', 'training'],
  capabilities: [
    'jobs',
    'queue',
    'interaction-store',
    'tasks',
    'recommend',
    'pretraining',
    'job-kinds.ts',
    'report',
    'tour',
  ],
  doors: ['server', 'studio', 'cli', 'library', 'index.ts'],
};
const ROOMS = Object.values(FLOORS).flat();
const root = resolve(import.meta.dirname ?? '.', '..', 'src');

const roomOf = (file) => relative(root, file).split(sep)[0];
const nameOf = (file) => relative(root, file).split(sep).join('/');
const files = readdirSync(root, { recursive: true })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => join(root, name));

const mistakes = [];
const imports = new Map();
const lengths = new Map();
for (const file of files) {
  const text = readFileSync(file, 'utf8');
  const lines = text.split('\n').length - 1;
  if (lines >= MOST_LINES) mistakes.push(`${nameOf(file)}: ${lines} lines, ${MOST_LINES - 1} are allowed`);
  const room = roomOf(file);
  const isTest = file.endsWith('.test.ts');
  if (!isTest) lengths.set(nameOf(file), lines);
  if (!ROOMS.includes(room) && !(isTest && !room.includes(sep) && room.endsWith('.ts'))) {
    mistakes.push(`${nameOf(file)}: '${room}' is no room of the house`);
  }
  const targets = [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map(([, target]) =>
    resolve(dirname(file), target.replace(/\.js$/, '.ts')),
  );
  if (!isTest) imports.set(file, targets);
  if (!ROOMS.includes(room)) continue;
  for (const target of targets) {
    if (ROOMS.indexOf(roomOf(target)) > ROOMS.indexOf(room)) {
      mistakes.push(`${nameOf(file)} (${room}) imports ${nameOf(target)} (${roomOf(target)}), a later room`);
    }
  }
}

/** Files that import each other in a circle (Tarjan 1972). */
function circles() {
  const found = [];
  const order = new Map();
  const low = new Map();
  const stack = [];
  const onStack = new Set();
  const visit = (file) => {
    order.set(file, order.size);
    low.set(file, order.get(file));
    stack.push(file);
    onStack.add(file);
    for (const target of imports.get(file) ?? []) {
      if (!imports.has(target)) continue;
      if (!order.has(target)) visit(target);
      if (onStack.has(target)) low.set(file, Math.min(low.get(file), low.get(target)));
    }
    if (low.get(file) !== order.get(file)) return;
    const circle = [];
    do {
      circle.push(stack.pop());
      onStack.delete(circle.at(-1));
    } while (circle.at(-1) !== file);
    if (circle.length > 1 || (imports.get(file) ?? []).includes(file)) found.push(circle);
  };
  for (const file of imports.keys()) if (!order.has(file)) visit(file);
  return found;
}

for (const circle of circles()) mistakes.push(`in a circle: ${circle.map(nameOf).sort().join(', ')}`);

const byLength = [...lengths].sort(([, a], [, b]) => a - b);
const median = byLength[Math.floor(byLength.length / 2)][1];
const [longest, most] = byLength.at(-1);
if (median >= MEDIAN_LINES)
  mistakes.push(`half of the files have ${median} lines or more, ${MEDIAN_LINES - 1} are allowed`);

if (mistakes.length > 0) {
  console.error(
    `${mistakes.join('\n')}\nRooms, in order: ${ROOMS.join(' → ')}. Move the code, or pass it in as a parameter.`,
  );
  process.exit(1);
}
console.log(`the house: ${files.length} files follow ${ROOMS.join(' → ')}, none in a circle`);
console.log(`lines: median ${median}, longest ${most} (${longest})`);
