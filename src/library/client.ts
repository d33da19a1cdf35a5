/** `softprompt/client`: a typed client of `softprompt serve`. It needs `fetch` alone, and runs in browsers too. */
import type { z } from 'zod';
import type * as schemas from '../server/schemas.js';

type In<S extends z.ZodType> = z.input<S>;
type Out<S extends z.ZodType> = z.output<S>;

export type Prediction = Out<typeof schemas.prediction>;
export type PromptFacts = Out<typeof schemas.promptFacts>;
export type RecommenderFacts = Out<typeof schemas.recommenderFacts>;
export type RecommendRequest = In<typeof schemas.recommendBody>;
export type SimilarRequest = In<typeof schemas.similarBody>;
export type PreferenceRequest = In<typeof schemas.preferenceBody>;
export type Preferences = Out<typeof schemas.preferenceAnswer>;
export type Erased = Out<typeof schemas.erasedAnswer>;
export type RecommenderSummary = Out<typeof schemas.recommenderList>['recommenders'][number];
export type Recommendations = Out<typeof schemas.recommendAnswer>;
export type Interaction = In<typeof schemas.interactionBody>;
export type StoredInteraction = Out<typeof schemas.storedInteractions>['interactions'][number];
export type Versions = Out<typeof schemas.versionsAnswer>;

export interface ClientOptions {
  /** Such as `http://127.0.0.1:8080`. */
  readonly url: string;
  /** An API key; none for a service that asks for none. */
  readonly key?: string | undefined;
  /** How often what was refused as too much (429) or as not ready (503) is asked again, after the time the service says; default 2. */
  readonly retries?: number | undefined;
  /** Default 30. */
  readonly timeoutSeconds?: number | undefined;
  readonly fetch?: typeof fetch | undefined;
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

/** What the service answered in place of what was asked. */
export class ServiceError extends Error {
  constructor(
    /** Of HTTP. */
    readonly status: number,
    /** What programs tell it by, such as `SERVER_BUSY`. */
    readonly code: string,
    message: string,
    /** To find it in the service's log. */
    readonly requestId: string | undefined,
  ) {
    super(message);
    this.name = 'ServiceError';
  }
}

/** Of predictions. */
export interface PredictOptions extends CallOptions {
  /** Whom it is for: where requests are split over versions the same one answers someone each time. */
  readonly user?: string;
}

export interface Client {
  /** One label with its probability, for a template with one slot. */
  predict(prompt: string, text: string, options?: PredictOptions): Promise<Prediction>;
  /** Many, in their order: texts, or for any template objects from slot to text. */
  predictMany(
    prompt: string,
    texts: readonly (string | Readonly<Record<string, string>>)[],
    options?: PredictOptions,
  ): Promise<Prediction[]>;
  /** Vectors of length 1, as the model reads the texts behind a prompt, or the text reader of a recommender does. */
  embed(name: string, texts: readonly string[], options?: CallOptions): Promise<number[][]>;
  prompts(options?: CallOptions): Promise<Out<typeof schemas.promptList>['prompts']>;
  prompt(name: string, options?: CallOptions): Promise<PromptFacts>;
  /** @param weights version → share of requests */
  split(prompt: string, weights: Readonly<Record<string, number>>, options?: CallOptions): Promise<Versions>;
  /** To the version before, or the one that is named. */
  rollBack(prompt: string, version?: string, options?: CallOptions): Promise<Versions>;
  recommenders(options?: CallOptions): Promise<RecommenderSummary[]>;
  recommender(name: string, options?: CallOptions): Promise<RecommenderFacts>;
  splitRecommender(name: string, weights: Readonly<Record<string, number>>, options?: CallOptions): Promise<Versions>;
  rollBackRecommender(name: string, version?: string, options?: CallOptions): Promise<Versions>;
  recommend(recommender: string, request: RecommendRequest, options?: CallOptions): Promise<Recommendations>;
  similar(recommender: string, request: SimilarRequest, options?: CallOptions): Promise<Recommendations>;
  /** Whether someone will like things, the likeliest first. */
  preference(recommender: string, request: PreferenceRequest, options?: CallOptions): Promise<Preferences>;
  /** Keeps events, each once; resolves when they are on disk. */
  record(
    interactions: readonly Interaction[],
    options?: CallOptions,
  ): Promise<{ readonly stored: number; readonly repeated: number }>;
  interactionsOf(user: string, options?: CallOptions): Promise<StoredInteraction[]>;
  /** Removes a person from the service and from the folders of its recommenders. */
  forget(user: string, options?: CallOptions): Promise<Erased>;
  /** Whether requests are answered. */
  ready(options?: CallOptions): Promise<boolean>;
}

export function createClient({
  url,
  key,
  retries = 2,
  timeoutSeconds = 30,
  fetch: ask = globalThis.fetch,
}: ClientOptions): Client {
  const base = url.replace(/\/+$/, '');
  const call = async <T>(method: string, path: string, body: unknown, { signal }: CallOptions = {}): Promise<T> => {
    for (let attempt = 0; ; attempt++) {
      const timeout = AbortSignal.timeout(timeoutSeconds * 1000);
      const response = await ask(`${base}${path}`, {
        method,
        headers: {
          ...(key !== undefined && { authorization: `Bearer ${key}` }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      });
      if (response.ok) return (await response.json()) as T;
      const failure = await failureOf(response);
      const again = (response.status === 429 || response.status === 503) && attempt < retries;
      if (!again) throw failure;
      const seconds = Number(response.headers.get('retry-after') ?? 1);
      await pause((Number.isFinite(seconds) ? seconds : 1) * 1000, signal);
    }
  };
  const get = <T>(path: string, options?: CallOptions) => call<T>('GET', path, undefined, options);
  const post = <T>(path: string, body: unknown, options?: CallOptions) => call<T>('POST', path, body, options);
  const at = (kind: string, name: string, action = '') => `/v1/${kind}/${encodeURIComponent(name)}${action}`;
  type Predictions = Out<typeof schemas.predictAnswer>;

  return {
    predict: async (prompt, text, options) =>
      (await post<Predictions>(at('prompts', prompt, '/predict'), { text, user: options?.user }, options))
        .predictions[0]!,
    predictMany: async (prompt, texts, options) => {
      const given = texts.every((text) => typeof text === 'string') ? { texts } : { rows: texts };
      const body = { ...given, user: options?.user };
      return (await post<Predictions>(at('prompts', prompt, '/predict'), body, options)).predictions;
    },
    embed: async (model, input, options) => {
      const body = { model, input, encoding_format: 'float' };
      const { data } = await post<{ data: { embedding: number[] }[] }>('/v1/embeddings', body, options);
      return data.map(({ embedding }) => embedding);
    },
    prompts: async (options) => (await get<Out<typeof schemas.promptList>>('/v1/prompts', options)).prompts,
    prompt: (name, options) => get(at('prompts', name), options),
    split: (prompt, weights, options) => call('PUT', at('prompts', prompt, '/split'), { weights }, options),
    rollBack: (prompt, version, options) => post(at('prompts', prompt, '/rollback'), { version }, options),
    recommenders: async (options) =>
      (await get<Out<typeof schemas.recommenderList>>('/v1/recommenders', options)).recommenders,
    recommender: (name, options) => get(at('recommenders', name), options),
    splitRecommender: (name, weights, options) => call('PUT', at('recommenders', name, '/split'), { weights }, options),
    rollBackRecommender: (name, version, options) => post(at('recommenders', name, '/rollback'), { version }, options),
    recommend: (name, request, options) => post(at('recommenders', name, '/recommend'), request, options),
    similar: (name, request, options) => post(at('recommenders', name, '/similar'), request, options),
    preference: (name, request, options) => post(at('recommenders', name, '/preference'), request, options),
    record: (interactions, options) => post('/v1/interactions', { interactions }, options),
    interactionsOf: async (user, options) =>
      (await get<Out<typeof schemas.storedInteractions>>(at('users', user, '/interactions'), options)).interactions,
    forget: (user, options) => call('DELETE', at('users', user), undefined, options),
    ready: async (options) =>
      get('/ready', options).then(
        () => true,
        () => false,
      ),
  };
}

async function failureOf(response: Response): Promise<ServiceError> {
  const body = (await response.json().catch(() => undefined)) as
    | { readonly error?: { readonly code?: string; readonly message?: string } }
    | undefined;
  const { code = 'HTTP', message = `The service answered ${response.status}.` } = body?.error ?? {};
  return new ServiceError(response.status, code, message, response.headers.get('x-request-id') ?? undefined);
}

function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = () => {
      clearTimeout(timer);
      reject(signal!.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', leave);
      resolve();
    }, milliseconds);
    signal?.addEventListener('abort', leave, { once: true });
  });
}
