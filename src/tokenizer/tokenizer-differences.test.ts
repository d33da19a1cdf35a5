import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { tokenizerFromGguf } from './gguf-tokenizer.js';
import { loadTokenizer } from './load-tokenizer.js';

const json = JSON.parse(readFileSync('test/fixtures/tokenizer/tiny-byte-level.json', 'utf8'));
let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'softprompt-differences-'));
});
after(() => rm(folder, { recursive: true }));

async function open(changes: object, config: object = {}, rows?: number) {
  await writeFile(join(folder, 'tokenizer.json'), JSON.stringify({ ...json, ...changes }));
  await writeFile(join(folder, 'tokenizer_config.json'), JSON.stringify(config));
  return loadTokenizer(join(folder, 'tokenizer.json'), rows === undefined ? {} : { rows });
}
const token = (content: string, more: object = {}) => ({
  content,
  special: false,
  single_word: false,
  lstrip: false,
  rstrip: false,
  normalized: false,
  ...more,
});

describe('what may differ from the published tokenizer is said', () => {
  it('nothing where nothing does', async () => {
    assert.deepEqual((await open({})).notes, []);
    const config = { bos_token: '<|im_start|>', extra_special_tokens: ['<|im_end|>'], add_prefix_space: false };
    assert.deepEqual((await open({}, config)).notes, []);
  });

  it('kinds of preparation that are not known to be equal', async () => {
    const split = { type: 'Split', pattern: { String: ' ' }, behavior: 'MergedWithPrevious', invert: false };
    const { notes } = await open({
      normalizer: { type: 'Sequence', normalizers: [{ type: 'NFC' }, { type: 'StripAccents' }] },
      pre_tokenizer: { type: 'Sequence', pretokenizers: [{ type: 'Punctuation' }, split, json.pre_tokenizer] },
    });
    assert.deepEqual(
      notes.map((note) => note.match(/tokenizer's ((?:pre-token|normal)izer .*) is followed only nearly/)?.[1]),
      ['normalizer StripAccents', 'pre-tokenizer Punctuation', 'pre-tokenizer Split (MergedWithPrevious)'],
    );
  });

  it('tokens around texts, dropout, ids that the vocabulary has otherwise', async () => {
    const around = {
      type: 'TemplateProcessing',
      single: ['<|im_start|>', 'A', '<|im_end|>'].map((id) =>
        id === 'A' ? { Sequence: { id, type_id: 0 } } : { SpecialToken: { id, type_id: 0 } },
      ),
    };
    assert.match((await open({ post_processor: around })).notes.join(), /puts <\|im_end\|> around texts, which is not/);
    assert.match((await open({ model: { ...json.model, dropout: 0.1 } })).notes.join(), /dropout 0\.1/);
    const moved = await open({ added_tokens: [{ ...token('e'), id: 900 }] });
    assert.match(moved.notes.join(), new RegExp(`added token e goes by its vocabulary's id ${json.model.vocab.e}`));
    assert.deepEqual(moved.encode('e'), [json.model.vocab.e]);
    assert.match((await open({}, { add_prefix_space: true, add_eos_token: true })).notes.join(), /end token.*in front/);
  });

  it("nothing of BERT's tokenizer, whose end token is put", async () => {
    const { notes } = await loadTokenizer('test/fixtures/tokenizer/tiny-word-piece.json');
    assert.deepEqual(notes, []);
  });

  it('what a GGUF file cannot say', () => {
    const metadata = JSON.parse(readFileSync('test/fixtures/tokenizer/tiny-sentencepiece-gguf.json', 'utf8'));
    assert.deepEqual(tokenizerFromGguf(new Map(Object.entries(metadata))).notes, []);
    const types: number[] = [...metadata['tokenizer.ggml.token_type']];
    types[300] = 4;
    const changed = { ...metadata, 'tokenizer.ggml.token_type': types, 'tokenizer.ggml.add_eos_token': true };
    const { notes } = tokenizerFromGguf(new Map(Object.entries(changed)));
    assert.match(notes.join(), /GGUF file does not record.*end token/);
  });
});

describe('added tokens of tokenizer_config.json', () => {
  it('join those of tokenizer.json, and their settings go before its, as in transformers', async () => {
    const decoder = {
      701: token('tea', { single_word: true }),
      1: token('<|im_start|>', { special: true, rstrip: true }),
    };
    const tokenizer = await open({}, { added_tokens_decoder: decoder });
    assert.deepEqual(tokenizer.notes, []);
    assert.ok(tokenizer.encode('a tea').includes(701));
    assert.ok(!tokenizer.encode('a teapot').includes(701));
    assert.deepEqual(tokenizer.encodeWritten('<|im_start|> \nx').ids, [1, ...tokenizer.encode('x')]);
  });

  it('are ordinary text, and said to be, where the model has no embedding for them', async () => {
    const config = { added_tokens_decoder: { 701: token('tea') }, pad_token: '<pad>' };
    const tokenizer = await open({}, config, 701);
    assert.equal(tokenizer.size, 701);
    assert.match(tokenizer.notes.join(), /names tea <pad>, for which there is no embedding/);
    assert.ok(!tokenizer.encode('tea').includes(701));
  });
});
