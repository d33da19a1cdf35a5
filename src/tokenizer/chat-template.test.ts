import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type ChatMessage, readChatTemplate, renderChat } from './chat-template.js';

interface Case {
  readonly messages: ChatMessage[];
  readonly text?: string;
  readonly error?: string;
}

/** Made by compare/chat_fixture.py with transformers. */
const fixture: Record<string, { template: string; tokens: Record<string, string>; cases: Case[] }> = JSON.parse(
  readFileSync('test/fixtures/tokenizer/chat.json', 'utf8'),
);
const scratch = mkdtempSync(join(tmpdir(), 'softprompt-chat-'));
after(() => rmSync(scratch, { recursive: true }));

for (const [name, { template, tokens, cases }] of Object.entries(fixture)) {
  test(`conversations by '${name}' are transformers', and what it refuses is refused`, () => {
    const chat = { source: 'the test', text: template, tokens };
    for (const { messages, text, error } of cases) {
      if (error === undefined) assert.equal(renderChat(chat, messages), text);
      else {
        const message = new RegExp(`the test fails: .*${error}.*roles`);
        assert.throws(() => renderChat(chat, messages), { code: 'CHAT_TEMPLATE', message });
      }
    }
  });
}

test('a template stands in chat_template.jinja, or in tokenizer_config.json alone or by name', async () => {
  const tokenizer = join(scratch, 'tokenizer.json');
  const config = (content: unknown) => writeFileSync(join(scratch, 'tokenizer_config.json'), JSON.stringify(content));
  assert.equal(await readChatTemplate(tokenizer), undefined);
  config({ bos_token: { content: '<s>' }, eos_token: '</s>', chat_template: 'A{{ bos_token }}' });
  const found = await readChatTemplate(tokenizer);
  assert.deepEqual(found!.tokens, { bos_token: '<s>', eos_token: '</s>' });
  assert.equal(renderChat(found!, []), 'A<s>');
  config({
    chat_template: [
      { name: 'tool_use', template: 'T' },
      { name: 'default', template: 'D' },
    ],
  });
  assert.equal((await readChatTemplate(tokenizer))!.text, 'D');
  writeFileSync(join(scratch, 'chat_template.jinja'), 'J');
  assert.equal((await readChatTemplate(tokenizer))!.text, 'J');
  writeFileSync(join(scratch, 'tokenizer_config.json'), '[');
  await assert.rejects(readChatTemplate(tokenizer), { code: 'CHAT_TEMPLATE' });
});

test('a template that is no Jinja, or wants to reach further, is refused', () => {
  for (const text of [
    '{% if %}',
    '{{ messages.constructor.constructor("return 1")() }}',
    '{{ undefinedFunction() }}',
  ]) {
    assert.throws(() => renderChat({ source: 'x', text, tokens: {} }, [{ role: 'user', content: 'a' }]), {
      code: 'CHAT_TEMPLATE',
    });
  }
});
