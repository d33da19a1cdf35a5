import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { convertData } from '../../src/data/preparation/convert-data.js';
import { pretrainModel } from '../../src/pretraining/pretrain-model.js';
import { fitRecommender } from '../../src/recommend/fit-recommender.js';
import { learnProfile } from '../../src/recommend/learn-profile.js';
import { splitData } from '../../src/recommend/preparation/split-data.js';
import { learnWordsPrompt } from '../../src/recommend/titles/learn-words-prompt.js';
import { tunePrompt } from '../../src/tasks/tune-prompt.js';
import { RING_ITEMS, writeWalks } from '../recommend/ring-walks.js';
import { TINY_MODEL } from './word-task.js';

const folder = await mkdtemp(join(tmpdir(), 'softprompt-nothing-left-'));
after(() => rm(folder, { recursive: true, force: true }));
const at = (...names: string[]) => join(folder, ...names);
const titles = Array.from({ length: RING_ITEMS }, (_, i) => `i${i},word ${i}\n`).join('');
await writeWalks(at('walks.csv'));
await writeFile(at('items.csv'), `item_id,title\n${titles}`);
await writeFile(at('users.csv'), `user_id,gender\n${Array.from({ length: 9 }, (_, u) => `u${u},F\n`).join('')}`);
await writeFile(at('texts.txt'), 'One.\n\nTwo.\n');
const rows = Array.from({ length: 20 }, (_, i) => `${JSON.stringify({ text: `word ${i}`, label: `${i % 2}` })}\n`);
await writeFile(at('train.jsonl'), rows.join(''));

const missing = at('missing.csv');
const [interactions, items, users] = [at('walks.csv'), at('items.csv'), at('users.csv')];
const network = { width: 8, layers: 1, epochs: 1 };
const tuning = { model: TINY_MODEL, maxSteps: 1, baselines: false };
const text = {
  ...tuning,
  template: '[soft:2]{text}{label}',
  labels: { 0: ' no', 1: ' yes' },
  train: at('train.jsonl'),
};
const profile = { interactions, items, users, attribute: 'gender' };

const mistakes: Record<string, (out: string) => Promise<unknown>> = {
  'fit: no interactions': (out) => fitRecommender({ interactions: missing, out, network }),
  'fit: no items': (out) => fitRecommender({ interactions, items: missing, out, network }),
  'fit: no users': (out) => fitRecommender({ interactions, users: missing, out, network }),
  'fit: no model': (out) => fitRecommender({ interactions, items, model: at('model'), out, network }),
  'fit: a wrong template': (out) =>
    fitRecommender({ interactions, items, model: TINY_MODEL, itemTemplate: '{colour}', out, network }),
  'fit: a wrong network': (out) => fitRecommender({ interactions, out, network: { ...network, width: 7, heads: 2 } }),
  'tune: no texts': (out) => tunePrompt({ ...text, train: missing, out }),
  'tune: no test': (out) => tunePrompt({ ...text, test: missing, out }),
  'tune: no start': (out) => tunePrompt({ ...text, initialisation: `prompt:${at('prompt')}`, out }),
  'tune: no room': (out) => tunePrompt({ ...text, maxLength: 3, out }),
  'tune: no rate': (out) => tunePrompt({ ...text, learningRate: 1e308, weightDecay: 1e308, out }),
  'profile: no users': (out) => learnProfile({ ...profile, users: missing, tuning: { ...tuning, out } }),
  'profile: no model': (out) => learnProfile({ ...profile, tuning: { ...tuning, model: at('model'), out } }),
  'tune-words: no items': (out) => learnWordsPrompt({ model: TINY_MODEL, interactions, items: missing, out }),
  'tune-words: no model': (out) => learnWordsPrompt({ model: at('model'), interactions, items, out }),
  'pretrain: no texts': (out) => pretrainModel({ data: [missing], out }),
  'pretrain: no tokenizer': (out) => pretrainModel({ data: [at('texts.txt')], tokenizer: missing, out }),
  'pretrain: too few texts': (out) => pretrainModel({ data: [at('texts.txt')], vocabulary: 257, out }),
  'convert: no items': (out) => convertData({ interactions, items: missing, out, format: 'csv' }),
  'split: no items': (out) => splitData({ interactions, items: missing, out, format: 'csv' }),
};

for (const [name, run] of Object.entries(mistakes)) {
  test(`what fails before it has learned anything leaves nothing behind: ${name}`, async () => {
    await assert.rejects(run(at('new', 'deep')), (error: { code?: string }) => /^[A-Z_]+$/.test(error.code ?? ''));
    assert.ok(!existsSync(at('new')));
    mkdirSync(at('kept'), { recursive: true });
    await writeFile(at('kept', 'notes.txt'), 'mine');
    await assert.rejects(run(at('kept')));
    assert.deepEqual(readdirSync(at('kept')), ['notes.txt']);
  });
}
