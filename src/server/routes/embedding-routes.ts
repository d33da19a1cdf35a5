import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { SoftpromptError } from '../../errors.js';
import { onlyField } from '../../tasks/text-task.js';
import { typed, using } from '../app.js';
import { REFUSALS } from '../schemas.js';
import type { ServedPrompt, ServedReader, ServedRecommender } from '../served.js';
import { Refusal } from '../server-refusals.js';
import type { Service } from '../service.js';
import type { NamedLease } from '../shelf.js';
import { anything } from './openai-routes.js';

const MOST_TEXT = 100_000;
const MOST_INPUTS = 1_000;
const embeddingBody = z.looseObject({
  model: z.string().max(100),
  input: z.union([z.string().max(MOST_TEXT), z.array(z.string().max(MOST_TEXT)).min(1).max(MOST_INPUTS)]),
  dimensions: z.int().min(1).nullish().describe('What the vectors have; no other number can be asked for'),
  encoding_format: z.enum(['float', 'base64']).nullish(),
});

/** OpenAI's embeddings: of a model behind a prompt, or of the text reader of a recommender, by its name. */
export function embeddingRoutes(fastify: FastifyInstance, service: Service): void {
  const { shelf, metrics } = service;
  const leaseOf = (name: string): NamedLease<ServedPrompt | ServedRecommender> => {
    const isPrompt = shelf.prompts.some((entry) => entry.name === name);
    const isRecommender = shelf.recommenders.some((entry) => entry.name === name);
    return !isPrompt && isRecommender ? shelf.recommender(name) : shelf.prompt(name);
  };
  typed(fastify).post(
    '/v1/embeddings',
    {
      config: { scope: 'ask' },
      schema: {
        summary: "Vectors of texts, as a prompt's model or a recommender's text reader reads them: OpenAI's embeddings",
        body: embeddingBody,
        response: { 200: anything, ...REFUSALS },
      },
    },
    async (request) => {
      const { model, input, encoding_format: format } = request.body;
      const texts = typeof input === 'string' ? [input] : input;
      const lease = leaseOf(model);
      const { vectors, tokens } = await using(service, request, lease, async (value, signal) => {
        const reader = await readerOf(value);
        const field = onlyField(reader.fields);
        const found = await reader.embed(
          texts.map((text) => ({ [field]: text })),
          signal,
        );
        return { vectors: found, tokens: texts.reduce((sum, text) => sum + reader.tokens(text), 0) };
      });
      metrics.answered(lease, texts.length);
      const { dimensions } = request.body;
      if (dimensions && dimensions !== vectors[0]!.length) {
        throw new Refusal(
          400,
          'REQUEST_INVALID',
          `These vectors have ${vectors[0]!.length} dimensions, and no others.`,
        );
      }
      const embeddingOf = (vector: Float32Array) =>
        format === 'base64'
          ? Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString('base64')
          : [...vector];
      return {
        ...{ object: 'list', model },
        data: vectors.map((vector, index) => ({ object: 'embedding', index, embedding: embeddingOf(vector) })),
        usage: { prompt_tokens: tokens, total_tokens: tokens },
      };
    },
  );
}

/** @throws Refusal for what reads no texts */
async function readerOf(value: ServedPrompt | ServedRecommender): Promise<ServedReader> {
  if (!('task' in value)) return value;
  if (value.task === 'preference')
    throw new Refusal(400, 'RECOMMENDER_TASK', 'This recommender judges items: it has no vectors of texts.');
  try {
    return await value.reader();
  } catch (error) {
    if (!(error instanceof SoftpromptError) || error.code !== 'RECOMMEND_ITEMS') throw error;
    throw new Refusal(
      400,
      'RECOMMENDER_TASK',
      'This recommender knows its items by their ids alone: it reads no texts.',
    );
  }
}
