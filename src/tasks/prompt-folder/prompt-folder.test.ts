import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, beforeEach, test } from 'node:test';
import { parseDocument } from 'yaml';
import { type ErrorCode, SoftpromptError } from '../../errors.js';
import type { Learned } from '../../methods/registry.js';
import { encodeSafetensors } from '../../weights/safetensors-writer.js';
import { modelCard } from './model-card.js';
import { readPeftPrompt, readPrompt } from './read-prompt.js';
import type { SavedPrompt } from './saved-prompt.js';
import { checkPromptFolder, writePrompt } from './write-prompt.js';

const PEFT_FOLDER = 'test/fixtures/peft/prompt';

const learned: Learned = {
  ...{ method: 'soft', tokens: 2, options: {}, arrays: { prompt: [2, 3] } },
  values: Float32Array.of(0.1, -2, 3e-9, 4, 5.5, -0),
};

const prompt: SavedPrompt = {
  learned,
  initial: Float32Array.of(1, 2, 3, 4, 5, 6),
  initialTokens: [17, null],
  task: 'classification',
  template: '{text}。[soft:"该文本"]{label}情感',
  placement: 'elsewhere',
  labels: new Map([
    ['1', '正|向'],
    ['0', ' `terrible`'],
  ]),
  calibration: { method: 'contextual', logBias: [-0.25, -1.5] },
  baseModel: {
    source: 'HuggingFaceTB/SmolLM2-135M-Instruct',
    hash: 'ab'.repeat(32),
    hiddenSize: 3,
    layers: 2,
    heads: 1,
    vocabularySize: 64,
  },
  tuning: { learningRate: 0.01, schedule: { kind: 'linear', warmupSteps: 20 }, seeds: [0, 1] },
  metrics: [
    {
      split: 'test',
      rows: [
        { name: 'this prompt', scores: { accuracy: 0.9, nll: 0.3 }, intervals: { accuracy: [0.85, 0.95] } },
        { name: 'majority class (1)', scores: { accuracy: 0.5 } },
      ],
    },
  ],
};

const root = mkdtempSync(join(tmpdir(), 'softprompt-artifact-'));
let folder: string;
beforeEach((context) => {
  folder = join(root, context.name.replaceAll(/\W+/g, '-'), 'prompt');
});
after(() => rmSync(root, { recursive: true }));

function fails(code: ErrorCode, action: () => Promise<unknown>, message?: RegExp): Promise<void> {
  return assert.rejects(
    action,
    (error) => error instanceof SoftpromptError && error.code === code && (message?.test(error.message) ?? true),
    `${code} ${message ?? ''}`,
  );
}

test('a prompt comes back as it was saved', async () => {
  await writePrompt(folder, prompt);
  const saved = await readPrompt(folder);
  assert.deepEqual(saved, prompt);
  assert.deepEqual([...saved.labels.keys()], ['1', '0'], 'labels keep their order');
  assert.deepEqual(readdirSync(join(folder, '..')), ['prompt'], 'nothing is left beside it');
});

test('what may be absent comes back absent', async () => {
  const bare = {
    ...prompt,
    initial: undefined,
    initialTokens: undefined,
    calibration: undefined,
    metrics: [],
  };
  await writePrompt(folder, bare);
  assert.deepEqual(await readPrompt(folder), bare);
});

test('the files of PEFT are written as PEFT writes them', async () => {
  const saved = await readPeftPrompt(PEFT_FOLDER);
  assert.equal(saved.baseModel, 'tiny-random-llama');
  const bytes = readFileSync(join(PEFT_FOLDER, 'adapter_model.safetensors'));
  const dataStart = 8 + bytes.readUInt32LE(0);
  assert.equal(saved.embeddings.values.length, 4 * 32);
  saved.embeddings.values.forEach((value, i) => {
    assert.equal(value, bytes.readFloatLE(dataStart + 4 * i));
  });

  const baseModel = { ...prompt.baseModel, source: 'tiny-random-llama', hiddenSize: 32, layers: 2, heads: 4 };
  await writePrompt(folder, {
    ...prompt,
    learned: saved.learned,
    initial: undefined,
    initialTokens: undefined,
    baseModel,
  });
  assert.deepEqual(readFileSync(join(folder, 'adapter_model.safetensors')), bytes);
  const { peft_version: _, ...config } = JSON.parse(readFileSync(join(PEFT_FOLDER, 'adapter_config.json'), 'utf8'));
  assert.deepEqual(JSON.parse(readFileSync(join(folder, 'adapter_config.json'), 'utf8')), config);
});

test('PEFT prompts in 16 bits are widened', async () => {
  for (const [dtype, bits] of [
    ['F16', [0x3e00, 0xc000]],
    ['BF16', [0x3fc0, 0xc000]],
  ] as const) {
    writePeftFolder({ dtype, shape: [1, 2], data: Buffer.from(Uint16Array.from(bits).buffer) });
    const { values, arrays } = (await readPeftPrompt(folder)).learned;
    assert.deepEqual({ values, arrays }, { values: Float32Array.of(1.5, -2), arrays: { prompt: [1, 2] } });
  }
});

/** A PEFT folder whose tensor is described freely. */
function writePeftFolder(
  tensor: { dtype: string; shape: number[]; data: Uint8Array; name?: string },
  config: Record<string, unknown> = {},
): void {
  mkdirSync(folder, { recursive: true });
  const entry = { dtype: tensor.dtype, shape: tensor.shape, data_offsets: [0, tensor.data.length] };
  const header = JSON.stringify({ [tensor.name ?? 'prompt_embeddings']: entry });
  const length = Buffer.alloc(8);
  length.writeUInt32LE(header.length);
  writeFileSync(join(folder, 'adapter_model.safetensors'), Buffer.concat([length, Buffer.from(header), tensor.data]));
  const peft = { peft_type: 'PROMPT_TUNING', task_type: 'CAUSAL_LM', num_virtual_tokens: 1, token_dim: 2, ...config };
  writeFileSync(join(folder, 'adapter_config.json'), JSON.stringify(peft));
}

test('what is wrong with a PEFT folder is said', async () => {
  const data = Buffer.from(Float32Array.of(1, 2).buffer);
  const good = { dtype: 'F32', shape: [1, 2], data };
  const read = () => readPeftPrompt(folder);

  await fails('PROMPT_FOLDER_INCOMPLETE', read, /adapter_config\.json/);
  writePeftFolder({ ...good, shape: [2, 1] });
  await fails('PROMPT_TENSOR_INVALID', read, /\[2, 1\].*\[1, 2\]/);
  writePeftFolder({ ...good, shape: [2] });
  await fails('PROMPT_TENSOR_INVALID', read, /shape \[2\]/);
  writePeftFolder({ dtype: 'F32', shape: [0, 2], data: Buffer.alloc(0) });
  await fails('PROMPT_TENSOR_INVALID', read, /shape \[0, 2\]/);
  writePeftFolder({ ...good, dtype: 'I32' });
  await fails('PROMPT_TENSOR_INVALID', read, /I32/);
  writePeftFolder({ ...good, name: 'base_model.prompt' });
  await fails('PROMPT_TENSOR_INVALID', read, /base_model\.prompt/);
  writePeftFolder({ ...good, data: Buffer.from(Float32Array.of(1, Number.NaN).buffer) });
  await fails('PROMPT_TENSOR_INVALID', read, /NaN/);
  writePeftFolder({ ...good, data: data.subarray(0, 4) });
  await fails('SAFETENSORS_INVALID', read);
  writePeftFolder(good, { peft_type: 'OFT' });
  await fails('PEFT_UNSUPPORTED', read, /OFT/);
  writePeftFolder(good, { task_type: 'SEQ_CLS' });
  await fails('PEFT_UNSUPPORTED', read, /SEQ_CLS/);
  writePeftFolder(good, { modules_to_save: ['score'] });
  await fails('PEFT_UNSUPPORTED', read, /score/);
  writePeftFolder(good, { token_dim: '2' });
  await fails('PROMPT_FILE_INVALID', read, /token_dim/);
  writeFileSync(join(folder, 'adapter_config.json'), '{"peft_type"');
  await fails('PROMPT_FILE_INVALID', read, /not JSON/);
  writePeftFolder(good);
  rmSync(join(folder, 'adapter_model.safetensors'));
  writeFileSync(join(folder, 'adapter_model.bin'), '');
  await fails('PROMPT_FOLDER_INCOMPLETE', read, /safe_serialization/);
});

/** Changes softprompt.json by hand. */
function editRecord(change: Record<string, unknown>): void {
  const path = join(folder, 'softprompt.json');
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), ...change }));
}

test('what is wrong with softprompt.json is said', async () => {
  const read = () => readPrompt(folder);
  const cases: [ErrorCode, Record<string, unknown>, RegExp][] = [
    ['PROMPT_VERSION', { formatVersion: 2, task: 'unheard of' }, /format version 2.*at most 1/],
    ['PROMPT_FILE_INVALID', { formatVersion: 2, task: 'recommendation' }, /a recommender, not of a prompt.*--user/],
    ['PROMPT_FILE_INVALID', { formatVersion: undefined }, /formatVersion/],
    ['PROMPT_FILE_INVALID', { template: 5 }, /template/],
    ['PROMPT_FILE_INVALID', { labels: [{ key: '0', word: ' a' }] }, /labels/],
    ['PROMPT_FILE_INVALID', { labels: ['a', 'b'].map((word) => ({ key: '0', word })) }, /each key once/],
    ['PROMPT_FILE_INVALID', { calibration: { method: 'batch', logBias: [1] } }, /one number per label/],
    ['PROMPT_FILE_INVALID', { baseModel: { ...prompt.baseModel, hash: 'none' } }, /baseModel\.hash/],
    [
      'PROMPT_FILE_INVALID',
      { baseModel: { ...prompt.baseModel, hub: { repository: 'a/b' } } },
      /baseModel\.hub\.commit/,
    ],
    ['PROMPT_FILES_MIXED', { baseModel: { ...prompt.baseModel, hiddenSize: 4 } }, /3 wide.*4 wide/],
    ['PROMPT_FILES_MIXED', { initialTokens: [1] }, /2 learned tokens/],
  ];
  for (const [code, change, message] of cases) {
    await writePrompt(folder, prompt, { overwrite: true });
    editRecord(change);
    await fails(code, read, message);
  }
});

test('a folder whose saving was interrupted does not read as a prompt', async () => {
  await writePrompt(folder, prompt);
  rmSync(join(folder, 'softprompt.json'));
  await fails('PROMPT_FOLDER_INCOMPLETE', () => readPrompt(folder), /template and labels/);

  await writePrompt(folder, prompt, { overwrite: true });
  const newer = { name: 'prompt_embeddings', shape: [2, 3], values: learned.values.map((value) => value + 1) };
  writeFileSync(join(folder, 'adapter_model.safetensors'), encodeSafetensors([newer]));
  await fails('PROMPT_FILES_MIXED', () => readPrompt(folder), /adapter_model/);

  await writePrompt(folder, prompt, { overwrite: true });
  rmSync(join(folder, 'initial_embeddings.safetensors'));
  await fails('PROMPT_FILES_MIXED', () => readPrompt(folder), /initial_embeddings/);

  await fails('PROMPT_FOLDER_INCOMPLETE', () => readPrompt(join(folder, 'nowhere')), /softprompt\.json/);
});

test('a prompt is replaced only when asked, and other files stay', async () => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'history.jsonl'), '{}\n');
  checkPromptFolder(folder);
  await writePrompt(folder, prompt);
  await fails('PROMPT_FOLDER_EXISTS', () => writePrompt(folder, prompt), /already holds/);
  assert.throws(() => checkPromptFolder(folder), /already holds/);
  const next = { ...prompt, template: '[soft:2]{text}{label}', initial: undefined };
  await writePrompt(folder, next, { overwrite: true });
  assert.deepEqual(await readPrompt(folder), next);
  assert.deepEqual(readdirSync(folder).sort(), [
    'README.md',
    'adapter_config.json',
    'adapter_model.safetensors',
    'history.jsonl',
    'softprompt.json',
  ]);
});

test('a folder that cannot be written leaves nothing behind', async () => {
  mkdirSync(join(folder, '..'), { recursive: true });
  writeFileSync(folder, 'a file where the folder should be');
  await fails('PROMPT_FOLDER_UNWRITABLE', () => writePrompt(folder, prompt));
  await fails('PROMPT_FOLDER_UNWRITABLE', () => writePrompt(join(folder, 'inside'), prompt));
  assert.deepEqual(readdirSync(join(folder, '..')), ['prompt']);
});

test('what a killed process left beside the folder is removed', async () => {
  const { pid } = spawnSync(process.execPath, ['-e', '']);
  const left = join(folder, '..', `.prompt.${pid}.0badcafe.tmp`);
  mkdirSync(left, { recursive: true });
  writeFileSync(join(left, 'README.md'), 'a part');
  utimesSync(left, 1, 1);
  await writePrompt(folder, prompt);
  assert.deepEqual(readdirSync(join(folder, '..')), ['prompt']);
});

test('a disk that fills up leaves the older prompt as it was', async () => {
  await writePrompt(folder, prompt);
  // A limit on file size stands for the full disk: the card still fits, the embeddings do not.
  const script = `
    import { readPrompt } from '${new URL('read-prompt.js', import.meta.url)}';
    import { writePrompt } from '${new URL('write-prompt.js', import.meta.url)}';
    const before = await readPrompt(process.argv[1]);
    const numbers = { values: new Float32Array(6000), tokens: 2000, arrays: { prompt: [2000, 3] } };
    const prompt = { ...before, learned: { ...before.learned, ...numbers }, initial: undefined };
    await writePrompt(process.argv[1], prompt, { overwrite: true }).catch((error) => console.log(error.code));
  `;
  const limited = [
    '-c',
    'ulimit -f 8; exec "$@"',
    'bash',
    process.execPath,
    '--input-type=module',
    '-e',
    script,
    folder,
  ];
  const { stdout, stderr } = spawnSync('bash', limited, { encoding: 'utf8' });
  assert.equal(stdout.trim(), 'PROMPT_FOLDER_UNWRITABLE', stderr);
  assert.deepEqual(await readPrompt(folder), prompt);
  assert.deepEqual(readdirSync(join(folder, '..')), ['prompt'], 'nothing is left beside it');
});

test('numbers that are not finite are not saved', async () => {
  const broken = { ...learned, values: Float32Array.of(0, 0, 0, 0, Number.POSITIVE_INFINITY, 0) };
  await fails('PROMPT_TENSOR_INVALID', () => writePrompt(folder, { ...prompt, learned: broken }), /row 1/);
});

test('the card holds front matter, template, labels and the scores beside the baseline', () => {
  const card = modelCard(prompt);
  const front = parseDocument(card.split('---\n')[1]!).toJS();
  assert.deepEqual(front, {
    base_model: 'HuggingFaceTB/SmolLM2-135M-Instruct',
    library_name: 'peft',
    pipeline_tag: 'text-classification',
    tags: ['softprompt', 'prompt-tuning', 'base_model:adapter:HuggingFaceTB/SmolLM2-135M-Instruct'],
  });
  for (const part of [
    '```text\n{text}。[soft:"该文本"]{label}情感\n```',
    '| `"1"` | `"正\\|向"` |',
    '| `"0"` | ``" `terrible`"`` |',
    '|  | accuracy | NLL |',
    '| this prompt | 0.900 [0.850, 0.950] | 0.300 |',
    '| majority class (1) | 0.500 | – |',
    'PEFT does not give the predictions',
    `sha256 \`${'ab'.repeat(32)}\``,
  ]) {
    assert.ok(card.includes(part), `${part} stands in\n${card}`);
  }
});

test('the card of a prompt in front shows PEFT, and a local model stays out of the front matter', () => {
  const local = { ...prompt.baseModel, source: '/models/own "best"/model.gguf' };
  const card = modelCard({ ...prompt, placement: 'front', baseModel: local, metrics: [] });
  assert.ok(!card.split('---\n')[1]!.includes('base_model'));
  assert.ok(card.includes('# A learned prompt for model.gguf'));
  assert.ok(card.includes('PeftModel.from_pretrained(base, "FOLDER")'));
  assert.ok(!card.includes('## Scores'));
});

test('the card of a prompt for the embedded model names a folder that transformers can read', () => {
  const card = modelCard({
    ...prompt,
    placement: 'front',
    baseModel: { ...prompt.baseModel, source: 'embedded' },
    metrics: [],
  });
  const [, path] = /AutoModelForCausalLM\.from_pretrained\("node_modules\/softprompt\/([^"]+)"\)/.exec(card)!;
  for (const file of ['config.json', 'model.safetensors', 'tokenizer.json']) assert.ok(existsSync(join(path!, file)));
});

test('PEFT is given what it can load, and our own name of the model stays in softprompt.json', async () => {
  const commit = 'c0ffee'.padEnd(40, '0');
  const hub = { repository: 'org/tiny', commit };
  const cases: [Partial<SavedPrompt['baseModel']>, name: string, revision: string | null, card: RegExp][] = [
    [{ source: 'org/tiny@v1', hub }, 'org/tiny', commit, /from_pretrained\("org\/tiny", revision="c0ffee0+"\)/],
    [
      { source: 'org/tiny:q/four.gguf', hub: { ...hub, file: 'q/four.gguf' }, gguf: 'q/four.gguf' },
      'org/tiny',
      commit,
      /revision="c0ffee0+", gguf_file="q\/four.gguf"\).*has no place for/s,
    ],
    [{ source: 'org/tiny@v1' }, 'org/tiny', 'v1', /from_pretrained\("org\/tiny", revision="v1"\)/],
    [
      { source: '/models/tiny' },
      '/models/tiny',
      null,
      /from_pretrained\("\/models\/tiny"\).*elsewhere give the place/s,
    ],
    [
      { source: '/models/tiny/four.gguf', gguf: 'four.gguf' },
      '/models/tiny',
      null,
      /from_pretrained\("\/models\/tiny", gguf_file="four.gguf"\)/,
    ],
    [{ source: '/models/tiny', gguf: 'four.gguf' }, '/models/tiny', null, /gguf_file="four.gguf"/],
    [
      { source: 'embedded' },
      resolve('models/bilingual-6m'),
      null,
      /node_modules\/softprompt.*comes with the npm package/s,
    ],
  ];
  for (const [change, name, revision, card] of cases) {
    const baseModel = { ...prompt.baseModel, ...change };
    await writePrompt(folder, { ...prompt, placement: 'front', baseModel }, { overwrite: true });
    const config = JSON.parse(readFileSync(join(folder, 'adapter_config.json'), 'utf8'));
    assert.deepEqual([config.base_model_name_or_path, config.revision], [name, revision]);
    assert.match(readFileSync(join(folder, 'README.md'), 'utf8'), card);
    assert.deepEqual((await readPrompt(folder)).baseModel, baseModel);
  }
});
