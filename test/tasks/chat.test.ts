/** A chat model's template wraps what is learned, once and for all: the prompt's folder has it. */
import assert from 'node:assert/strict';
import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readPrompt } from '../../src/tasks/prompt-folder/read-prompt.js';
import { resumeTuning, tunePrompt } from '../../src/tasks/tune-prompt.js';
import { TINY_MODEL, wordTask, wordTaskFolder } from './word-task.js';

const folder = wordTaskFolder();
after(() => rmSync(folder, { recursive: true }));

const CHAT =
  "{% for message in messages %}<{{ message['role'] }}>{{ message['content'] }}\n{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}";

test('tune --chat: the label follows the assistant, also in a run that is resumed', async () => {
  const model = join(folder, 'chat-model');
  cpSync(TINY_MODEL, model, { recursive: true });
  const task = { ...wordTask(folder, 'chat'), template: '[soft:4]{text} so {label}', maxSteps: 20, evaluateEvery: 10 };
  await assert.rejects(tunePrompt({ ...task, model, chat: true }), {
    code: 'CHAT_TEMPLATE',
    message: /no chat template/,
  });
  writeFileSync(join(model, 'chat_template.jinja'), CHAT);
  const stop = new AbortController();
  const stopped = { ...task, out: `${task.out}-stopped`, model, chat: true, system: 'be {brief}' };
  const interrupted = await tunePrompt(stopped, {
    signal: stop.signal,
    onEvent: ({ event }) => event === 'validation' && stop.abort(),
  });
  assert.equal(interrupted.ended, 'interrupted');
  await resumeTuning(stopped.out);
  const { template } = await readPrompt(stopped.out);
  assert.equal(template, '[soft:4]<system>be \\{brief\\}\\n<user>{text} so\\n<assistant>{label}');
});
