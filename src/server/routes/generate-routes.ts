import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { AnswerStream } from '../../decoding/request.js';
import { typed, using } from '../app.js';
import { generateAnswer, generateBody, named, REFUSALS } from '../schemas.js';
import { RequestTimeout } from '../server-refusals.js';
import type { Service } from '../service.js';
import type { NamedLease } from '../shelf.js';
import { rowsOf } from './prompt-routes.js';

export function generateRoutes(fastify: FastifyInstance, service: Service): void {
  const { shelf, metrics } = service;
  typed(fastify).post(
    '/v1/prompts/:name/generate',
    {
      config: { scope: 'ask' },
      schema: {
        summary: 'Goes on with texts; with `stream`, one of them as server-sent events',
        params: named,
        body: generateBody,
        response: { 200: generateAnswer, ...REFUSALS },
      },
    },
    async (request, reply) => {
      const { name } = request.params;
      const { text, texts, rows, user, stream = false, ...settings } = request.body;
      const lease = shelf.prompt(name, user);
      const options = {
        ...{ temperature: settings.temperature, beams: settings.beams, stop: settings.stop, choices: settings.choices },
        ...{ maxNewTokens: settings.max_new_tokens, minNewTokens: settings.min_new_tokens, seed: settings.seed },
        ...{ regex: settings.regex, jsonSchema: settings.json_schema },
        ...{ topK: settings.top_k, topP: settings.top_p, minP: settings.min_p },
        ...{ repetitionPenalty: settings.repetition_penalty, noRepeatNgram: settings.no_repeat_ngram },
      };
      if (stream) {
        const answer = await streamed(service, lease, () =>
          lease.value.generate(rowsOf({ text, texts, rows }, lease.value), options, request.work!.signal),
        );
        metrics.answered(lease, 1);
        return sendStream(
          reply,
          answer,
          (piece) => ({ text: piece }),
          ({ text, ended, ids }) => [{ done: true, text, ended, tokens: ids.length }],
        ) as never;
      }
      const answers = await using(service, request, lease, async (value, signal) =>
        Promise.all(value.generate(rowsOf({ text, texts, rows }, value), options, signal).map(({ answer }) => answer)),
      );
      metrics.answered(lease, answers.length);
      return {
        ...{ prompt: name, version: lease.id },
        answers: answers.map(({ text, ended, ids }) => ({ text, ended, tokens: ids.length })),
      };
    },
  );
}

/** One answer as it comes, of a lease that is released when it has ended. */
export async function streamed(
  { metrics }: Pick<Service, 'metrics'>,
  lease: NamedLease<unknown>,
  start: () => readonly AnswerStream[],
): Promise<AnswerStream> {
  const begun = performance.now();
  const end = (error: unknown) => {
    lease.release();
    metrics.ended(lease, (performance.now() - begun) / 1000, error);
  };
  try {
    const [stream] = start();
    stream!.answer.then(() => end(undefined), end);
    return stream!;
  } catch (error) {
    lease.release();
    throw error;
  }
}

/** Server-sent events: one a piece, what follows the last, and `[DONE]`; a failure is an event too, since the status has gone. */
export function sendStream(
  reply: FastifyReply,
  stream: AnswerStream,
  event: (piece: string) => object,
  last: (answer: Awaited<AnswerStream['answer']>) => readonly object[],
): FastifyReply {
  const line = (value: object | string) => `data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`;
  async function* lines() {
    try {
      for await (const piece of stream) yield line(event(piece));
      for (const value of last(await stream.answer)) yield line(value);
      yield line('[DONE]');
    } catch (error) {
      const code = error instanceof RequestTimeout ? error.code : 'INTERNAL';
      const message = error instanceof RequestTimeout ? error.message : 'The answer broke off; the log says why.';
      reply.log.error({ err: error }, 'an answer broke off');
      yield line({ error: { code, message, type: 'api_error' } });
    }
  }
  return reply.type('text/event-stream').header('cache-control', 'no-store').send(Readable.from(lines()));
}
