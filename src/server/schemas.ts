import { z } from 'zod';

/** What requests may hold. The same schemas check them and make the OpenAPI page. */

const MOST_TEXTS = 1_000;
const MOST_GENERATED = 64;
const MOST_TEXT = 100_000;
const MOST_HISTORY = 10_000;
export const MOST_EVENTS = 5_000;

export const id = z
  .string()
  .min(1)
  .max(500)
  .regex(/^[^\0\p{Cs}]*$/u, 'it holds a zero character or half of one, which no database keeps');
const text = z.string().max(MOST_TEXT);
const fields = z.record(z.string().max(200), text);
const condition = z.string().min(1).max(2_000).describe("A condition on the items' columns, such as `genre = 'Drama'`");

export const named = z.object({ name: z.string().max(100).describe('As the folder is called') });

export const errorBody = z.object({
  error: z.object({
    code: z.string().describe('What programs tell it by'),
    message: z.string(),
    type: z.string(),
  }),
});

/** The answers that any route may give. */
export const REFUSALS = {
  400: errorBody.describe('The request is not understood'),
  401: errorBody.describe('A key is needed, or is not known'),
  403: errorBody.describe('The key may not do that'),
  404: errorBody.describe('There is nothing of this name'),
  409: errorBody.describe('It does not fit what is there'),
  413: errorBody.describe('The request is too large'),
  429: errorBody.describe('Too much is asked: see Retry-After'),
  500: errorBody.describe('A fault of the service'),
  503: errorBody.describe('The service starts, stops or lacks its database'),
  504: errorBody.describe('There was no answer in time'),
};

export const predictBody = z
  .object({
    text: text.optional().describe('One text, for a template with one slot'),
    texts: z.array(text).min(1).max(MOST_TEXTS).optional().describe('Many texts, for a template with one slot'),
    rows: z.array(fields).min(1).max(MOST_TEXTS).optional().describe('Slot → text, for any template'),
    user: id.optional().describe('Whom it is for: of several versions the same one answers someone each time'),
  })
  .strict()
  .refine(({ text, texts, rows }) => [text, texts, rows].filter((given) => given !== undefined).length === 1, {
    message: 'Give one of text, texts and rows',
  });

const decoding = {
  max_new_tokens: z.int().min(1).max(4_096).optional(),
  min_new_tokens: z.int().min(0).max(4_096).optional(),
  temperature: z.number().min(0).max(100).optional().describe('0: always the likeliest token'),
  top_k: z.int().min(0).max(1_000_000).optional(),
  top_p: z.number().gt(0).max(1).optional(),
  min_p: z.number().min(0).max(1).optional(),
  repetition_penalty: z.number().min(0.01).max(100).optional(),
  no_repeat_ngram: z.int().min(0).max(1_000).optional(),
  beams: z.int().min(1).max(16).optional(),
  stop: z.array(z.string().min(1).max(200)).max(16).optional(),
  choices: z.array(z.string().min(1).max(1_000)).min(1).max(1_000).optional().describe('The answer is one of these'),
  regex: z
    .string()
    .max(1_000)
    .optional()
    .describe('The whole answer matches this JavaScript regular expression (flag u)'),
  json_schema: z
    .union([z.boolean(), z.record(z.string(), z.unknown())])
    .optional()
    .describe('The answer is JSON that this schema holds for'),
  seed: z.int().min(0).max(4_294_967_295).optional(),
};

export const generateBody = z
  .object({
    text: text.optional().describe('One text, for a template with one slot'),
    texts: z.array(text).min(1).max(MOST_GENERATED).optional(),
    rows: z.array(fields).min(1).max(MOST_GENERATED).optional().describe('Slot → text, for any template'),
    stream: z.boolean().optional().describe('As server-sent events; one text alone'),
    user: id.optional().describe('Whom it is for: of several versions the same one answers someone each time'),
    ...decoding,
  })
  .strict()
  .refine(({ text, texts, rows }) => [text, texts, rows].filter((given) => given !== undefined).length === 1, {
    message: 'Give one of text, texts and rows',
  })
  .refine(({ stream, texts, rows }) => !stream || (texts ?? rows ?? ['']).length === 1, {
    message: 'Only one text at a time is streamed',
  });

export const generateAnswer = z.object({
  prompt: z.string(),
  version: z.string(),
  answers: z.array(
    z.object({
      text: z.string(),
      ended: z
        .enum(['end', 'stop', 'length'])
        .describe('Why: the model ended it, a stop text came, it is as long as it may be'),
      tokens: z.int(),
    }),
  ),
});

export const prediction = z.object({
  label: z.string(),
  probabilities: z.record(z.string(), z.number()).describe('Label → share, in sum 1'),
});

export const predictAnswer = z.object({
  prompt: z.string(),
  version: z.string(),
  predictions: z.array(prediction),
});

const conditions = {
  where: condition.optional(),
  allow: z.array(id).max(MOST_HISTORY).optional().describe('Only these items'),
  deny: z.array(id).max(MOST_HISTORY).optional().describe('None of these'),
};
const filters = {
  k: z.int().min(1).max(1_000).optional().describe('How many items; default 10'),
  ...conditions,
  filters: z
    .object(conditions)
    .strict()
    .optional()
    .describe('The same three together: `{"where": …, "allow": …, "deny": …}`'),
};
/** Each filter once. */
const filtersOnce = [
  ({ filters, ...flat }: { filters?: object | undefined; where?: unknown; allow?: unknown; deny?: unknown }) =>
    Object.keys(filters ?? {}).every((name) => flat[name as 'where' | 'allow' | 'deny'] === undefined),
  { message: 'Give each of where, allow and deny once: in filters or beside it' },
] as const;

export const recommendBody = z
  .object({
    user: id.optional().describe('Someone of the interactions, at the fit or since; anyone else gets what is popular'),
    history: z.array(id).max(MOST_HISTORY).optional().describe('In place of a user: what he met, the oldest first'),
    user_attributes: z.record(z.string().max(200), z.string().max(500)).optional(),
    ...filters,
    boosts: z
      .array(z.object({ where: condition, add: z.number() }).strict())
      .max(20)
      .optional(),
    diversity: z.number().min(0).max(1).optional(),
    include_seen: z.boolean().optional(),
    explain: z.boolean().optional().describe('Which items of the history speak for each'),
  })
  .strict()
  .refine(({ user, history }) => (user === undefined) !== (history === undefined), {
    message: 'Give one of user and history',
  })
  .refine(...filtersOnce);

export const similarBody = z
  .object({ item: id, ...filters })
  .strict()
  .refine(...filtersOnce);

export const MOST_CANDIDATES = 1_000;

export const preferenceBody = z
  .object({
    user: id.optional().describe('Someone who answered at the fit or since; of anyone else nothing is known'),
    history: z.array(id).max(MOST_HISTORY).optional().describe('In place of a user: what he liked, the oldest first'),
    disliked: z.array(id).max(MOST_HISTORY).optional().describe('Beside a history: what he did not like'),
    candidates: z
      .array(id)
      .min(1)
      .max(MOST_CANDIDATES)
      .optional()
      .describe(`Default: all items of the fit's table that pass the filters, ${MOST_CANDIDATES} at most`),
    ...{ ...filters, k: z.int().min(1).max(MOST_CANDIDATES).optional().describe('The likeliest only; default: all') },
    explain: z.boolean().optional().describe('How far each answer falls where a source tells nothing'),
  })
  .strict()
  .refine(({ user, history }) => (user === undefined) !== (history === undefined), {
    message: 'Give one of user and history',
  })
  .refine(({ history, disliked }) => disliked === undefined || history !== undefined, {
    message: 'Give disliked beside a history',
  })
  .refine(...filtersOnce);

export const preferenceAnswer = z.object({
  recommender: z.string(),
  version: z.string(),
  items: z
    .array(
      z.object({
        item: z.string(),
        probability: z.number().describe('That he likes it'),
        log_odds: z.number(),
        attributes: z.record(z.string(), z.string()),
        because: z.record(z.string(), z.number()).optional(),
      }),
    )
    .describe('The likeliest first'),
  notes: z.array(z.string()),
});

const recommendedItem = z.object({
  item: z.string(),
  score: z.number(),
  attributes: z.record(z.string(), z.string()),
  because: z.array(z.object({ item: z.string(), weight: z.number() })).optional(),
});

export const recommendAnswer = z.object({
  recommender: z.string(),
  version: z.string(),
  items: z.array(recommendedItem),
  notes: z.array(z.string()).describe('What to know of how the request was understood'),
});

const time = z
  .union([z.iso.datetime({ offset: true }), z.number().min(0).max(4_102_444_800)])
  .describe('ISO 8601 with a zone, or seconds since 1970');

export const interactionBody = z
  .object({
    event_id: id.describe('The same event may be sent again, and counts once'),
    user_id: id,
    item_id: id,
    time: time.optional().describe('Default: now'),
    rating: z.number().optional(),
  })
  .strict();

export const interactionsBody = z.object({ interactions: z.array(interactionBody).min(1).max(MOST_EVENTS) }).strict();

export const interactionsAnswer = z.object({
  stored: z.int().describe('New ones'),
  repeated: z.int().describe('Those that had been sent before'),
});

export const eventPage = z
  .object({
    after: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(0),
    limit: z.coerce.number().int().min(1).max(MOST_EVENTS).default(1_000),
  })
  .strict();

export const storedInteractions = z.object({
  interactions: z.array(
    z.object({
      sequence: z.int().describe('Grows with each event of the store'),
      event_id: z.string(),
      user_id: z.string(),
      item_id: z.string(),
      time: z.string(),
      rating: z.number().nullable(),
    }),
  ),
});

export const personAnswer = storedInteractions.extend({
  recommenders: z
    .array(z.object({ name: z.string(), items: z.array(z.string()) }))
    .describe('What the folders of recommenders hold of him: the items that he met or answered to'),
});

const version = z.object({
  version: z.string(),
  loaded_at: z.string(),
  share: z.number().describe('Share of requests that it gets'),
  answers: z.int().describe('Texts, lists and items that it has answered with since the service began'),
  requests: z.int(),
  failures: z.int().describe('Requests that ended in a fault or too late'),
  mean_ms: z.number().nullable().describe('Time to answer a request'),
  metrics: z.unknown().describe('What was measured of this version when it was made'),
});

export const promptFacts = z.object({
  name: z.string(),
  task: z.string(),
  template: z.string(),
  labels: z.record(z.string(), z.string()).describe('Label → words'),
  fields: z.array(z.string()).describe("The template's slots"),
  model: z.string(),
  learned_numbers: z.int(),
  metrics: z.unknown(),
  card: z.string().describe("The model card: the folder's README.md"),
  versions: z.array(version),
  problem: z.string().nullable().describe('Why its newest content is not in use'),
});

export const promptList = z.object({
  prompts: z.array(promptFacts.pick({ name: true, task: true, fields: true, problem: true, versions: true })),
  models: z
    .array(z.object({ model: z.string(), weight_bytes: z.int(), front_bytes: z.int() }))
    .describe('The frozen models that are held: their weights, mapped, and what is kept of what prompts put in front'),
});

export const recommenderFacts = z.object({
  name: z.string(),
  task: z.enum(['lists', 'preference']).describe('Whether it makes lists or judges items'),
  items: z.int(),
  users: z.int(),
  columns: z.array(z.string()),
  reads: z.array(z.string()).describe("The columns of the items' texts that it reads: /v1/embeddings takes one"),
  metrics: z.unknown(),
  card: z.string(),
  versions: z.array(version),
  problem: z.string().nullable(),
});

export const recommenderList = z.object({
  recommenders: z.array(recommenderFacts.omit({ metrics: true, card: true })),
});

export const erasedAnswer = z.object({
  removed: z.int().describe('Events that were kept here'),
  recommenders: z
    .array(z.object({ name: z.string(), removed: z.int() }))
    .describe('Recommenders whose folders knew the person, and what was removed of him'),
});

export const splitBody = z
  .object({ weights: z.record(z.string().max(100), z.number().min(0)).describe('Version → weight') })
  .strict();

export const rollbackBody = z.object({ version: z.string().max(100).optional() }).strict();

export const versionsAnswer = z.object({ name: z.string(), versions: z.array(version) });
