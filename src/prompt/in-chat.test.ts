import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inChat } from './in-chat.js';
import { parseTemplate } from './parse-template.js';

const FRAME = { before: '<|im_start|>user\n', after: '<|im_end|>\n<|im_start|>assistant\n' };
const wrapped = (source: string, frame = FRAME) => inChat(parseTemplate(source), frame).source;

test("what stands before the label is the user's turn, the label follows the assistant's header", () => {
  assert.equal(
    wrapped('{text} Good or bad? {label}.'),
    '<|im_start|>user\\n{text} Good or bad?<|im_end|>\\n<|im_start|>assistant\\n{label}.',
  );
  assert.equal(
    wrapped('Summarise: {text}{target|max=20}'),
    '<|im_start|>user\\nSummarise: {text}<|im_end|>\\n<|im_start|>assistant\\n{target|max=20}',
  );
});

test('learned tokens that the template opens with stay in front of everything, others in the turn', () => {
  assert.equal(
    wrapped('[soft:3][soft:"Be brief"]{text} [soft:2] so{label}'),
    '[soft:3][soft:"Be brief"]<|im_start|>user\\n{text} [soft:2] so<|im_end|>\\n<|im_start|>assistant\\n{label}',
  );
});

test('marks of the template language in a chat template are its words', () => {
  const parts = inChat(parseTemplate('{text}{label}'), { before: '{[soft:1] \\', after: '}\n' }).parts;
  assert.deepEqual(
    parts.map((part) => (part.kind === 'words' ? part.text : part.kind)),
    ['{[soft:1] \\', 'slot', '}\n', 'label'],
  );
});

test('a template without words for the user is refused', () => {
  for (const source of ['[soft:3]{label}', ' {label}']) {
    assert.throws(() => wrapped(source), { code: 'TEMPLATE_INVALID', message: /no words or slots/ });
  }
});
