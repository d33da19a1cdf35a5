/** What a key may do. `ask`: predictions, texts, recommendations; `record`: send interactions; `people`: read and erase what
 * is known of a person; `manage`: versions of prompts, metrics, jobs of a queue. */
export const SCOPES = ['ask', 'record', 'people', 'manage'] as const;

export type Scope = (typeof SCOPES)[number];
