/** A prompt that goes on with texts, over HTTP: the answers of this process, whole, as events, and through OpenAI's client. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import OpenAI from 'openai';
import { loadModel } from '../../src/network/load-model.js';
import { learnedCount } from '../../src/network/trainable.js';
import { Random } from '../../src/random.js';
import { type RunningServer, serve } from '../../src/server/serve.js';
import { generationTask } from '../../src/tasks/generation-task.js';
import { openGeneration } from '../../src/tasks/open-generation.js';
import { writePrompt } from '../../src/tasks/prompt-folder/write-prompt.js';
import { savedPrompt } from '../../src/tasks/saved-prompt.js';
import { TINY_MODEL } from '../tasks/word-task.js';

const folder = mkdtempSync(join(tmpdir(), 'generate-'));
let server: RunningServer;
let expected: string;
const text = 'the sun is up';

before(async () => {
  const model = await loadModel(TINY_MODEL);
  const task = await generationTask(model, { template: '[soft:4]{text}:{target}', maxLength: 64 });
  const random = new Random(1);
  const prompt = Float32Array.from({ length: learnedCount(task.trainable) }, () => random.normal());
  const path = join(folder, 'story');
  await writePrompt(path, savedPrompt(task, { prompt, initial: prompt, tuning: { maxLength: 64 }, metrics: [] }));
  const open = await openGeneration(path, { threads: 1 });
  [expected] = (await open.generator.generate([{ text }], { maxNewTokens: 12 })).map((answer) => answer.text) as [
    string,
  ];
  await open.close();
  assert.ok(expected.length > 0);
  server = await serve({ folders: [folder], port: 0, threads: 1, log: false, streams: 4 });
});
after(async () => {
  await server?.close();
  rmSync(folder, { recursive: true });
});

const ask = (body: object, action = 'generate') =>
  fetch(`${server.url}/v1/prompts/story/${action}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

describe('texts over HTTP', () => {
  it('are those of this process, several at once too', async () => {
    const response = await ask({ texts: [text, text], max_new_tokens: 12 });
    assert.equal(response.status, 200);
    const { answers } = (await response.json()) as { answers: { text: string; ended: string; tokens: number }[] };
    assert.deepEqual(
      answers.map((answer) => answer.text),
      [expected, expected],
    );
  });

  it('come as events, piece by piece', async () => {
    const response = await ask({ text, max_new_tokens: 12, stream: true });
    assert.match(response.headers.get('content-type')!, /^text\/event-stream/);
    const events = (await response.text())
      .trim()
      .split('\n\n')
      .map((line) => line.replace(/^data: /, ''));
    assert.equal(events.pop(), '[DONE]');
    const last = JSON.parse(events.pop()!) as { done: boolean; text: string };
    assert.deepEqual([last.done, last.text], [true, expected]);
    assert.equal(events.map((event) => (JSON.parse(event) as { text: string }).text).join(''), expected);
  });

  it('come through the client of OpenAI, whole and streaming', async () => {
    const client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'none' });
    const asked = { model: 'story', messages: [{ role: 'user' as const, content: text }], max_tokens: 12 };
    const whole = await client.chat.completions.create(asked);
    assert.equal(whole.choices[0]!.message.content, expected);
    let [streamed, reason] = ['', ''];
    for await (const { choices } of await client.chat.completions.create({ ...asked, stream: true })) {
      streamed += choices[0]?.delta.content ?? '';
      reason = choices[0]?.finish_reason ?? reason;
    }
    assert.equal(streamed, expected);
    assert.equal(reason, whole.choices[0]!.finish_reason);
    const completed = await client.completions.create({ model: 'story', prompt: text, max_tokens: 12 });
    assert.equal(completed.choices[0]!.text, expected);
    const both = await client.completions.create({ model: 'story', prompt: [text, text], max_tokens: 12 });
    assert.deepEqual(
      both.choices.map((choice) => [choice.index, choice.text]),
      [
        [0, expected],
        [1, expected],
      ],
    );
    assert.equal(both.usage!.prompt_tokens, 2 * completed.usage!.prompt_tokens);
    let usage: OpenAI.CompletionUsage | undefined | null;
    const counted = { ...asked, stream: true, stream_options: { include_usage: true } } as const;
    for await (const chunk of await client.chat.completions.create(counted)) usage = chunk.usage ?? usage;
    assert.deepEqual(usage, whole.usage);
    await assert.rejects(client.chat.completions.create({ ...asked, n: 2 }), { status: 400 });
  });

  it('have the form that is asked for', async () => {
    const { answers } = (await (await ask({ text, regex: '(?:cat|dog)s' })).json()) as { answers: { text: string }[] };
    assert.match(answers[0]!.text, /^(cat|dog)s$/);
    const client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'none' });
    const schema = { type: 'boolean' };
    const { choices } = await client.chat.completions.create({
      ...{ model: 'story', messages: [{ role: 'user' as const, content: text }], max_tokens: 12 },
      response_format: { type: 'json_schema', json_schema: { name: 'verdict', schema } },
    });
    assert.equal(typeof JSON.parse(choices[0]!.message.content!), 'boolean');
    const refused = await ask({ text, json_schema: { type: 'array', uniqueItems: true } });
    assert.equal(refused.status, 400);
  });

  it('are no labels, and what is asked wrongly is told', async () => {
    const code = async (response: Response) =>
      [response.status, ((await response.json()) as { error: { code: string } }).error.code] as const;
    assert.deepEqual(await code(await ask({ text }, 'predict')), [400, 'PROMPT_TASK']);
    assert.deepEqual(await code(await ask({ text, top_k: 5 })), [400, 'DECODING_OPTION']);
    assert.deepEqual(await code(await ask({ texts: [text, text], stream: true })), [400, 'REQUEST_INVALID']);
    assert.deepEqual(await code(await ask({ texts: Array(5).fill(text) })), [429, 'SERVER_BUSY']);
    assert.equal((await ask({ text, max_new_tokens: 2 })).status, 200, 'what was refused takes no place');
  });
});
