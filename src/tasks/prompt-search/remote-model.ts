import { z } from 'zod';
import { SoftpromptError } from '../../errors.js';
import { parseRecord } from '../../files/json-record.js';

/** A model behind an OpenAI-compatible address. Errors of its methods: ENDPOINT_UNREACHABLE, ENDPOINT_ANSWER. */
export interface RemoteModel {
  /** log P(continuation | context) of each continuation, in nats; up to a number that all share, where the address tells no more. */
  scoreAll(context: string, continuations: readonly string[]): Promise<number[]>;
  /** Texts that go on with one, at temperature 1. */
  write(text: string, count: number, maxTokens: number, seed: number): Promise<string[]>;
  /** Requests that were sent. */
  requests(): number;
}

export interface RemoteOptions {
  /** Such as http://127.0.0.1:8000/v1. */
  readonly endpoint: string;
  readonly model: string;
  readonly key?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

const completion = z.object({
  choices: z
    .array(
      z.object({
        text: z.string(),
        logprobs: z
          .object({
            tokens: z.array(z.string()),
            token_logprobs: z.array(z.number().nullable()),
            text_offset: z.array(z.number()).nullish(),
            top_logprobs: z.array(z.record(z.string(), z.number()).nullable()).nullish(),
          })
          .nullish(),
      }),
    )
    .min(1),
});
const chat = z.object({
  choices: z
    .array(
      z.object({
        message: z.object({ content: z.string().nullish() }),
        logprobs: z
          .object({
            content: z
              .array(z.object({ top_logprobs: z.array(z.object({ token: z.string(), logprob: z.number() })) }))
              .nullish(),
          })
          .nullish(),
      }),
    )
    .min(1),
});

const MOST_TRIES = 5;
const FIRST_WAIT_MS = 500;
const TIMEOUT_MS = 120_000;
/** Alternatives of the next token that an address is asked for where it does not score what it is given. */
const TOP = 20;

/**
 * The best of three ways that an address has: the log-probabilities of the texts themselves (`echo` of /completions, as vLLM and
 * llama.cpp have it), else those of the likeliest next tokens of /completions, else of /chat/completions; which, the first answer says.
 */
export function remoteModel(options: RemoteOptions): RemoteModel {
  let sent = 0;
  let way: 'echo' | 'next' | 'chat' | undefined;
  const post = async (path: string, body: object): Promise<{ status: number; text: string }> => {
    sent += 1;
    return request(options, path, { model: options.model, ...body });
  };
  const ways = {
    echo: async (context: string, continuations: readonly string[]) => {
      const scores: number[] = [];
      for (const continuation of continuations) {
        const body = { prompt: context + continuation, max_tokens: 1, echo: true, logprobs: 1, temperature: 0 };
        const { status, text } = await post('completions', body);
        const choice = status === 200 ? parseRecord(text, completion).record?.choices[0] : undefined;
        const own = choice?.logprobs && likelihood(choice.logprobs, context, continuation);
        if (own === undefined || own === null) return undefined;
        scores.push(own);
      }
      return scores;
    },
    next: async (context: string, continuations: readonly string[]) => {
      const body = { prompt: context, max_tokens: 1, logprobs: TOP, temperature: 0 };
      const { status, text } = await post('completions', body);
      const top = status === 200 && parseRecord(text, completion).record?.choices[0]?.logprobs?.top_logprobs?.[0];
      return top ? firstTokens(Object.entries(top), continuations) : undefined;
    },
    chat: async (context: string, continuations: readonly string[]) => {
      const messages = [{ role: 'user', content: context }];
      const body = { messages, max_tokens: 1, logprobs: true, top_logprobs: TOP, temperature: 0 };
      const { status, text } = await post('chat/completions', body);
      const answer = status === 200 ? parseRecord(text, chat).record : undefined;
      const top = answer?.choices[0]?.logprobs?.content?.[0]?.top_logprobs;
      return top
        ? firstTokens(
            top.map(({ token, logprob }) => [token, logprob]),
            continuations,
          )
        : undefined;
    },
  };
  return {
    scoreAll: async (context, continuations) => {
      for (const one of way === undefined ? (['echo', 'next', 'chat'] as const) : [way]) {
        const scores = await ways[one](context, continuations);
        if (scores === undefined) continue;
        way = one;
        return scores;
      }
      throw new SoftpromptError('ENDPOINT_ANSWER', {
        found: `${options.endpoint} gives no log-probabilities of the model ${options.model}`,
        expected: 'those of OpenAI: of /completions (with echo, or of the likeliest tokens) or of /chat/completions',
        fix: 'Check --endpoint and --remote-model, and start the server so that it gives log-probabilities.',
      });
    },
    write: async (prompt, count, maxTokens, seed) => {
      const body = { prompt, max_tokens: maxTokens, n: count, temperature: 1, seed, stop: ['\n\n'] };
      const { status, text } = await post('completions', body);
      const record = status === 200 ? parseRecord(text, completion).record : undefined;
      if (record !== undefined) return record.choices.map((choice) => choice.text);
      const messages = [{ role: 'user', content: prompt }];
      const answer = await post('chat/completions', {
        messages,
        max_tokens: maxTokens,
        n: count,
        temperature: 1,
        seed,
      });
      const talked = answer.status === 200 ? parseRecord(answer.text, chat).record : undefined;
      if (talked !== undefined) return talked.choices.map(({ message }) => message.content ?? '');
      throw new SoftpromptError('ENDPOINT_ANSWER', {
        found: `${options.endpoint} writes no text: ${answer.status} ${answer.text.slice(0, 200)}`,
        expected: 'a completion as OpenAI has it',
        fix: 'Choose a model that generates (--remote-model), or another --algorithm.',
      });
    },
    requests: () => sent,
  };
}

/** Σ log P of the echoed tokens that lie behind the context; undefined where they cannot be told. */
function likelihood(
  logprobs: {
    readonly tokens: readonly string[];
    readonly token_logprobs: readonly (number | null)[];
    readonly text_offset?: readonly number[] | null | undefined;
  },
  context: string,
  continuation: string,
): number | undefined {
  const { tokens, token_logprobs: logs } = logprobs;
  let at = 0;
  const offsets =
    logprobs.text_offset ??
    tokens.map((token) => {
      const start = at;
      at += token.length;
      return start;
    });
  const end = context.length + continuation.length;
  let sum = 0;
  let counted = 0;
  for (const [i, offset] of offsets.entries()) {
    // a token that reaches from the context into the continuation belongs to it
    const stops = offsets[i + 1] ?? offset + (tokens[i]?.length ?? 0);
    if (stops <= context.length || offset >= end) continue;
    const log = logs[i];
    if (log === null || log === undefined) continue;
    sum += log;
    counted += 1;
  }
  return counted === 0 ? undefined : sum;
}

/** The log-probability of each text's first token, the likeliest that it begins with; below all others where it is not told. */
function firstTokens(top: readonly (readonly [string, number])[], continuations: readonly string[]): number[] {
  const least = Math.min(...top.map(([, log]) => log)) - 1;
  return continuations.map((continuation) => {
    const word = continuation.trim();
    const own = top.filter(([token]) => token.trim() !== '' && word.startsWith(token.trim()));
    return own.reduce((most, [, log]) => Math.max(most, log), least);
  });
}

/** Asks again where the server is busy or out of reach. */
async function request(
  { endpoint, key, signal }: RemoteOptions,
  path: string,
  body: object,
): Promise<{ readonly status: number; readonly text: string }> {
  const url = `${endpoint.replace(/\/+$/, '')}/${path}`;
  let problem: unknown;
  for (let tried = 0; tried < MOST_TRIES; tried++) {
    signal?.throwIfAborted();
    if (tried > 0) await new Promise((wake) => setTimeout(wake, FIRST_WAIT_MS * 2 ** (tried - 1)));
    try {
      const timeout = AbortSignal.timeout(TIMEOUT_MS);
      const answer = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(key && { authorization: `Bearer ${key}` }) },
        body: JSON.stringify(body),
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      });
      const text = await answer.text();
      if (answer.status === 401 || answer.status === 403) throw refused(endpoint, answer.status);
      if (answer.status !== 429 && answer.status < 500) return { status: answer.status, text };
      problem = new Error(`${answer.status} ${text.slice(0, 200)}`);
    } catch (error) {
      if (error instanceof SoftpromptError) throw error;
      signal?.throwIfAborted();
      problem = error;
    }
  }
  const cause = problem instanceof Error ? (problem.cause ?? problem) : problem;
  throw new SoftpromptError(
    'ENDPOINT_UNREACHABLE',
    {
      found: `${url} does not answer: ${cause instanceof Error ? cause.message : String(cause)}`,
      expected: 'an OpenAI-compatible server',
      fix: 'Start it, or correct --endpoint; the same command goes on behind the calls that were made.',
    },
    { cause: problem },
  );
}

function refused(endpoint: string, status: number): SoftpromptError {
  return new SoftpromptError('ENDPOINT_UNREACHABLE', {
    found: `${endpoint} refuses the request (${status})`,
    expected: 'a key that it takes',
    fix: 'Set the environment variable OPENAI_API_KEY.',
  });
}
