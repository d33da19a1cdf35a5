import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Answer, AnswerStream } from '../../decoding/request.js';
import { onlyField } from '../../tasks/text-task.js';
import { typed, using } from '../app.js';
import { REFUSALS } from '../schemas.js';
import type { ServedPrompt, ServedRecommender } from '../served.js';
import { Refusal } from '../server-refusals.js';
import type { Service } from '../service.js';
import type { NamedLease, ShelfEntry } from '../shelf.js';
import { sendStream, streamed } from './generate-routes.js';

/**
 * The addresses of OpenAI's interface, so that existing clients work: the model's name chooses the prompt. A prompt that
 * classifies answers with the label.
 */

const MOST_TEXT = 100_000;
const MOST_PROMPTS = 64;
const content = z.union([
  z.string().max(MOST_TEXT),
  z.array(z.object({ type: z.literal('text'), text: z.string().max(MOST_TEXT) })).max(100),
]);
const message = z.object({
  role: z.enum(['system', 'developer', 'user', 'assistant']),
  content,
});
const settings = {
  user: z.string().max(500).nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  n: z.literal(1).nullish().describe('One answer is given'),
  stream: z.boolean().nullish(),
  max_tokens: z.int().min(1).max(4_096).nullish(),
  max_completion_tokens: z.int().min(1).max(4_096).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().gt(0).max(1).nullish(),
  seed: z.int().min(0).max(4_294_967_295).nullish(),
  stop: z.union([z.string().min(1).max(200), z.array(z.string().min(1).max(200)).max(16)]).nullish(),
};
const responseFormat = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text') }),
  z.object({ type: z.literal('json_object') }),
  z.object({
    type: z.literal('json_schema'),
    json_schema: z.looseObject({ schema: z.union([z.boolean(), z.record(z.string(), z.unknown())]).optional() }),
  }),
]);
// clients send many settings that mean nothing here: they are let through
const chatBody = z.looseObject({
  model: z.string().max(100),
  messages: z.array(message).min(1).max(1_000),
  response_format: responseFormat.nullish(),
  ...settings,
});
const completionBody = z.looseObject({
  model: z.string().max(100),
  prompt: z.union([z.string().max(MOST_TEXT), z.array(z.string().max(MOST_TEXT)).min(1).max(MOST_PROMPTS)]),
  ...settings,
});

export const anything = z.looseObject({});

export function openaiRoutes(fastify: FastifyInstance, service: Service): void {
  const { shelf, metrics } = service;
  const app = typed(fastify);

  app.get(
    '/v1/models',
    {
      config: { scope: 'ask' },
      schema: {
        summary: 'Prompts, and recommenders that read texts, as OpenAI lists models',
        response: { 200: anything, ...REFUSALS },
      },
    },
    async () => ({
      object: 'list',
      data: [...shelf.prompts, ...shelf.recommenders.filter(readsTexts)].map(({ name, versions }) => ({
        id: name,
        object: 'model',
        created: seconds(versions.at(-1)?.loadedAt ?? new Date(0)),
        owned_by: 'softprompt',
      })),
    }),
  );

  app.post(
    '/v1/chat/completions',
    {
      config: { scope: 'ask' },
      schema: {
        summary: "OpenAI's chat: the last message is answered",
        body: chatBody,
        response: { 200: anything, ...REFUSALS },
      },
    },
    async (request, reply) => {
      const { model, messages, stream } = request.body;
      const last = messages.findLast(({ role }) => role === 'user') ?? messages.at(-1)!;
      const facts = { id: `chatcmpl-${randomUUID()}`, created: seconds(new Date()), model };
      const choice = (part: object, reason: string | null) => [{ index: 0, ...part, finish_reason: reason }];
      const text = textOf(last.content);
      const lease = shelf.prompt(model, request.body.user ?? undefined);
      if (generates(lease)) {
        const answer = await begin(request, lease, text, request.body);
        const whole = (text: string) => choice({ message: { role: 'assistant', content: text, refusal: null } }, null);
        if (!stream)
          return { ...facts, object: 'chat.completion', ...(await finished(answer, whole, lease.value.tokens(text))) };
        const chunk = (choices: object[]) => ({ ...facts, object: 'chat.completion.chunk', choices });
        const piece = (content: string) => chunk(choice({ delta: { role: 'assistant', content } }, null));
        return sendStream(reply, answer, piece, (end) => [
          chunk(choice({ delta: {} }, reasonOf(end))),
          ...lastly(request.body, facts, 'chat.completion.chunk', lease.value.tokens(text), end.ids.length),
        ]);
      }
      const answer = await label(request, lease, text);
      if (stream) {
        const chunk = (choices: object[]) => ({ ...facts, object: 'chat.completion.chunk', choices });
        return sendEvents(reply, [
          chunk(choice({ delta: { role: 'assistant', content: answer } }, null)),
          chunk(choice({ delta: {} }, 'stop')),
          ...lastly(request.body, facts, 'chat.completion.chunk', lease.value.tokens(text), lease.value.tokens(answer)),
        ]);
      }
      return {
        ...{ ...facts, object: 'chat.completion' },
        choices: choice({ message: { role: 'assistant', content: answer, refusal: null }, logprobs: null }, 'stop'),
        usage: usageOf(lease.value.tokens(text), lease.value.tokens(answer)),
      };
    },
  );

  app.post(
    '/v1/completions',
    {
      config: { scope: 'ask' },
      schema: {
        summary: "OpenAI's completion of one text",
        body: completionBody,
        response: { 200: anything, ...REFUSALS },
      },
    },
    async (request, reply) => {
      const { model, prompt, stream } = request.body;
      const prompts = typeof prompt === 'string' ? [prompt] : prompt;
      if (stream && prompts.length > 1) throw new Refusal(400, 'REQUEST_INVALID', 'Only one prompt is streamed.');
      const facts = { id: `cmpl-${randomUUID()}`, object: 'text_completion', created: seconds(new Date()), model };
      const choice = (text: string, reason: string | null, index = 0) => ({
        ...{ index, text, logprobs: null, finish_reason: reason },
      });
      const ask = async (text: string) => {
        const lease = shelf.prompt(model, request.body.user ?? undefined);
        const tokens = lease.value.tokens(text);
        if (!generates(lease)) {
          const answer = await label(request, lease, text);
          return { text: answer, reason: 'stop', tokens, completion: lease.value.tokens(answer) };
        }
        const answer = await (await begin(request, lease, text, request.body)).answer;
        return { text: answer.text, reason: reasonOf(answer), tokens, completion: answer.ids.length };
      };
      if (stream) {
        const [text] = prompts as [string];
        const lease = shelf.prompt(model, request.body.user ?? undefined);
        const tokens = lease.value.tokens(text);
        const ended = (completion: number) => lastly(request.body, facts, facts.object, tokens, completion);
        if (!generates(lease)) {
          const answer = await label(request, lease, text);
          const whole = { ...facts, choices: [choice(answer, 'stop')] };
          return sendEvents(reply, [whole, ...ended(lease.value.tokens(answer))]);
        }
        const answer = await begin(request, lease, text, request.body);
        const piece = (part: string) => ({ ...facts, choices: [choice(part, null)] });
        return sendStream(reply, answer, piece, (end) => [
          { ...facts, choices: [choice('', reasonOf(end))] },
          ...ended(end.ids.length),
        ]);
      }
      const answers = await Promise.all(prompts.map(ask));
      const total = (kind: 'tokens' | 'completion') => answers.reduce((sum, answer) => sum + answer[kind], 0);
      return {
        ...facts,
        choices: answers.map(({ text, reason }, index) => choice(text, reason, index)),
        usage: usageOf(total('tokens'), total('completion')),
      };
    },
  );

  type Asked = NamedLease<ServedPrompt>;

  async function begin(
    request: FastifyRequest,
    lease: Asked,
    text: string,
    body: Settings & { readonly response_format?: z.output<typeof responseFormat> | null | undefined },
  ): Promise<AnswerStream> {
    const { max_tokens, max_completion_tokens, temperature, top_p, seed, stop } = body;
    const drawn = (temperature ?? 0) > 0;
    const options = {
      ...{ maxNewTokens: max_completion_tokens ?? max_tokens ?? undefined, temperature: temperature ?? 0 },
      ...{ topP: (drawn && top_p) || undefined, seed: seed ?? undefined },
      stop: typeof stop === 'string' ? [stop] : (stop ?? undefined),
      jsonSchema: schemaOf(body.response_format),
    };
    const answer = await streamed(service, lease, () =>
      lease.value.generate([{ [onlyField(lease.value.fields)]: text }], options, request.work!.signal),
    );
    metrics.answered(lease, 1);
    return answer;
  }

  async function label(request: FastifyRequest, lease: Asked, text: string): Promise<string> {
    const [found] = await using(service, request, lease, async (value, signal) =>
      value.predict([{ [onlyField(value.fields)]: text }], signal),
    );
    metrics.answered(lease, 1);
    return found!.label;
  }
}

/** The schema that OpenAI's `response_format` asks for. */
function schemaOf(format: z.output<typeof responseFormat> | null | undefined): unknown {
  if (format?.type === 'json_object') return { type: 'object' };
  return format?.type === 'json_schema' ? (format.json_schema.schema ?? true) : undefined;
}

const generates = ({ value }: NamedLease<ServedPrompt>) => value.saved.task === 'generation';

/** Whether a recommender has a text reader, so that its name is one for /v1/embeddings. */
const readsTexts = ({ versions }: ShelfEntry<ServedRecommender>): boolean => {
  const served = versions.at(-1)?.value;
  return served?.task === 'lists' && served.open.saved.recommender.network.inputs.features !== undefined;
};

type Settings = { readonly [N in keyof typeof settings]?: z.output<(typeof settings)[N]> };

/** Tokens of the text that was sent, and of the answer. */
const usageOf = (prompt: number, completion: number) => ({
  ...{ prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion },
});

/** The event that tells the usage at the end of a stream, where it is asked for. */
function lastly(
  { stream_options: wanted }: Pick<Settings, 'stream_options'>,
  facts: object,
  object: string,
  prompt: number,
  completion: number,
): object[] {
  return wanted?.include_usage ? [{ ...facts, object, choices: [], usage: usageOf(prompt, completion) }] : [];
}

const reasonOf = ({ ended }: Answer) => (ended === 'length' ? 'length' : 'stop');

/** A whole answer, and what it took. */
async function finished(stream: AnswerStream, choices: (text: string) => object[], promptTokens: number) {
  const answer = await stream.answer;
  const told = choices(answer.text).map((one) => ({ ...one, finish_reason: reasonOf(answer) }));
  return { choices: told, usage: usageOf(promptTokens, answer.ids.length) };
}

function sendEvents(reply: FastifyReply, events: readonly object[]): FastifyReply {
  const lines = [...events.map((event) => JSON.stringify(event)), '[DONE]'].map((line) => `data: ${line}\n\n`);
  return reply
    .type('text/event-stream')
    .header('cache-control', 'no-store')
    .serializer((text: string) => text)
    .send(lines.join(''));
}

const textOf = (parts: z.infer<typeof content>) =>
  typeof parts === 'string' ? parts : parts.map(({ text }) => text).join('');

const seconds = (date: Date) => Math.floor(date.getTime() / 1000);
