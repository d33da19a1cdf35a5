import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { loadTokenizer } from './load-tokenizer.js';
import { checkVocabulary } from './vocabulary.js';

const BYTE_LEVEL = 'test/fixtures/tokenizer/tiny-byte-level.json';
const SENTENCE_PIECE = 'test/fixtures/tokenizer/tiny-sentencepiece.json';

describe('special tokens', () => {
  it('are ordinary characters inside text, and text again when decoded', async () => {
    const tokenizer = await loadTokenizer(BYTE_LEVEL);
    assert.deepEqual([...tokenizer.special], [0, 1, 2]);
    const ids = tokenizer.encode('<|im_start|>hi<|im_end|>');
    assert.ok(ids.every((id) => !tokenizer.special.has(id)));
    assert.equal(tokenizer.decode(ids), '<|im_start|>hi<|im_end|>');
    assert.equal(tokenizer.decode([1, ...tokenizer.encode('hi'), 2]), '<|im_start|>hi<|im_end|>');
  });

  it('added tokens that are not special are recognised', async () => {
    const tokenizer = await loadTokenizer(BYTE_LEVEL);
    assert.deepEqual(tokenizer.encode('<tool_call>'), [700]);
    assert.equal(tokenizer.size, 701);
  });
});

describe('the begin-of-sequence token', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'softprompt-tokenizer-'));
    await writeFile(join(folder, 'tokenizer.json'), await readFile(BYTE_LEVEL));
  });
  after(() => rm(folder, { recursive: true }));
  const bosWith = async (config: object) => {
    await writeFile(join(folder, 'tokenizer_config.json'), JSON.stringify(config));
    return (await loadTokenizer(join(folder, 'tokenizer.json'))).bos;
  };

  it('is what the post-processor puts in front', async () => {
    assert.equal((await loadTokenizer(BYTE_LEVEL)).bos, 1);
    assert.equal(await bosWith({ bos_token: '<|endoftext|>' }), 1);
  });

  it('follows an explicit add_bos_token', async () => {
    assert.equal(await bosWith({ add_bos_token: true, bos_token: '<|endoftext|>' }), 0);
    assert.equal(await bosWith({ add_bos_token: true, bos_token: { content: '<|im_end|>' } }), 2);
    assert.equal(await bosWith({ add_bos_token: false, bos_token: '<|im_end|>' }), undefined);
  });
});

describe('text that continues other text', () => {
  it('gets no space of the tokenizer in front', async () => {
    const tokenizer = await loadTokenizer(SENTENCE_PIECE);
    const read = (ids: number[]) => ids.map(tokenizer.describe);
    assert.deepEqual(read(tokenizer.encode('该 was')), [' ', '该', ' was']);
    assert.deepEqual(read(tokenizer.encode('该 was', true)), ['该', ' was']);
    assert.equal(tokenizer.decode(tokenizer.encode(' was', true), true), ' was');
    assert.equal(tokenizer.decode(tokenizer.encode(' was', true)), 'was');
  });

  it('is the same where the tokenizer adds none', async () => {
    const tokenizer = await loadTokenizer(BYTE_LEVEL);
    assert.deepEqual(tokenizer.encode(' It was', true), tokenizer.encode(' It was'));
  });
});

describe('describe', () => {
  it('shows whole characters as they are, broken ones and control characters as codes', async () => {
    for (const path of [BYTE_LEVEL, SENTENCE_PIECE]) {
      const tokenizer = await loadTokenizer(path);
      const read = (text: string) => tokenizer.encode(text, true).map(tokenizer.describe).join('|');
      assert.equal(read('\x00'), '\\x00');
      assert.match(read('\n'), /^\\n$/);
      assert.equal(read('龘'), '\\xE9|\\xBE|\\x98');
      assert.equal(tokenizer.describe(99999), '<no token 99999>');
    }
    assert.equal((await loadTokenizer(BYTE_LEVEL)).describe(1), '<|im_start|>');
    assert.equal((await loadTokenizer(SENTENCE_PIECE)).describe(1), '<s>');
  });
});

it('a lone surrogate is read as U+FFFD', async () => {
  for (const path of [BYTE_LEVEL, SENTENCE_PIECE]) {
    const tokenizer = await loadTokenizer(path);
    assert.equal(tokenizer.decode(tokenizer.encode('a\ud800b')), 'a\ufffdb');
  }
});

it('no ids are no text', async () => {
  const tokenizer = await loadTokenizer(BYTE_LEVEL);
  assert.deepEqual(tokenizer.encode(''), []);
  assert.equal(tokenizer.decode([]), '');
});

describe('faults', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'softprompt-tokenizer-'));
  });
  after(() => rm(folder, { recursive: true }));
  const load = async (content: string) => {
    const path = join(folder, 'tokenizer.json');
    await writeFile(path, content);
    return loadTokenizer(path);
  };

  it('a missing file', async () => {
    await assert.rejects(loadTokenizer(join(folder, 'none.json')), { code: 'TOKENIZER_UNREADABLE', message: /ENOENT/ });
  });

  it('files that are no tokenizer', async () => {
    const whole = await readFile(BYTE_LEVEL, 'utf8');
    const damaged = [
      whole.slice(0, 5000),
      'null',
      '[]',
      '{"model": {}}',
      '{"model": {"type": "BPE", "vocab": {}, "merges": []}, "added_tokens": [{"id": "1"}]}',
      '{"model": {"type": "BPE", "vocab": {"a": 0}, "merges": 7}}',
    ];
    for (const content of damaged) await assert.rejects(load(content), { code: 'TOKENIZER_INVALID' }, content);
  });

  it('a kind that is not supported', async () => {
    await assert.rejects(load('{"model": {"type": "WordLevel", "vocab": []}}'), { code: 'TOKENIZER_UNSUPPORTED' });
  });

  it('a vocabulary larger than the model', async () => {
    const tokenizer = await loadTokenizer(BYTE_LEVEL);
    checkVocabulary(tokenizer, 701);
    checkVocabulary(tokenizer, 1024);
    assert.throws(() => checkVocabulary(tokenizer, 700), { code: 'VOCABULARY_MISMATCH', message: /701 ids.*700/ });
  });
});
