import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { compareLoss } from '../bench/pretraining/compare-loss.js';
import { documentNats } from '../bench/pretraining/document-loss.js';
import { loadModel } from '../src/network/load-model.js';
import { pretrainModel } from '../src/pretraining/pretrain-model.js';
import { textFolder } from './tasks/made-up-texts.js';

const folder = textFolder();
after(() => rmSync(folder, { recursive: true }));
const data = [`en=${join(folder, 'en.txt')}`, `zh=${join(folder, 'zh.txt')}`];
const cacheFolder = join(folder, 'cache');

test('a trained model beats its random twin; all are measured on the same characters, by the same sums', async () => {
  const model = join(folder, 'model');
  const shape = { vocabulary: 300, width: 32, layers: 1, heads: 2, context: 64, batchTokens: 512 };
  await pretrainModel({
    ...{ data, out: model, ...shape, maxSteps: 60, evaluateEvery: 60, learningRate: 0.01, validShare: 0.1, threads: 1 },
  });
  const said: string[] = [];
  const [en, zh, ...others] = await compareLoss({
    ...{ model, data, validShare: 0.1, characters: 1500, trigramCharacters: 1e5, cacheFolder },
    peer: { name: 'peer', source: 'test/fixtures/peft/model', language: 'fr' },
    say: (text) => said.push(text),
  });
  assert.deepEqual([en!.language, zh!.language, others.length], ['en', 'zh', 0]);
  for (const { natsPerCharacter, characters, documents } of [en!, zh!]) {
    const { model: trained, 'random twin': twin, 'character trigrams': trigrams } = natsPerCharacter;
    assert.ok(trained! < 0.6 * twin!, JSON.stringify(natsPerCharacter));
    assert.ok(trigrams! > 0 && trigrams! < 1.5);
    assert.ok(characters >= 1000 && documents > 2);
  }
  assert.ok(said.length >= 8);

  // a document longer than a window: the same sum as that of its pieces, each after the last id before it
  const opened = await loadModel(model, { cacheFolder });
  const long = 'the cat reads a blue book. '.repeat(20).trim();
  const ids = opened.tokenizer.encode(long);
  assert.ok(ids.length > 128);
  const whole = await documentNats(opened, [long]);
  assert.equal(whole.tokens, ids.length);
  const one = await documentNats(opened, [opened.tokenizer.decode(ids.slice(0, 63))]);
  assert.ok(one.nats > 0 && one.nats < whole.nats);
  const both = await documentNats(opened, [long, 'a dog']);
  const other = await documentNats(opened, ['a dog']);
  assert.ok(Math.abs(both.nats - whole.nats - other.nats) < 1e-4);
});
