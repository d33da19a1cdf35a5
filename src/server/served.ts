import type { DecodingOptions } from '../decoding/decoding-options.js';
import type { AnswerStream } from '../decoding/request.js';
import type { OpenPreference } from '../recommend/preference/open-preference.js';
import type { OpenRecommender } from '../recommend/recommender-handle.js';
import type { ItemTable } from '../recommend/serving/item-table.js';
import type { Prediction } from '../tasks/open-prompt.js';
import type { SavedPrompt } from '../tasks/prompt-folder/saved-prompt.js';

/** The fields of a template's slots. */
export type Fields = Readonly<Record<string, string>>;

/** What reads texts: a prompt's model behind the prompt, or the text reader of a recommender. */
export interface ServedReader {
  /** The template's slots. */
  readonly fields: readonly string[];
  /** Vectors of length 1. @throws ServerBusy, the signal's reason, FIELD_MISSING, PROMPT_TOO_LONG, PROMPT_TASK */
  embed(texts: readonly Fields[], signal?: AbortSignal): Promise<Float32Array[]>;
  /** Tokens of a text alone. */
  tokens(text: string): number;
}

/** A prompt that answers, several requests at a time. */
export interface ServedPrompt extends ServedReader {
  readonly saved: SavedPrompt;
  /** Its model card, without places of this machine. */
  readonly card: string;
  /** @throws ServerBusy, the signal's reason, FIELD_MISSING, PROMPT_TOO_LONG */
  predict(texts: readonly Fields[], signal?: AbortSignal): Promise<Prediction[]>;
  /** Answers as they come, of a prompt that goes on with texts. @throws ServerBusy, Refusal for one that labels */
  generate(texts: readonly Fields[], options: DecodingOptions, signal?: AbortSignal): AnswerStream[];
}

interface InTurn {
  readonly card: string;
  /**
   * Does something with it when it is its turn, a few at a time, so that what lists cost this thread never keeps it from
   * hearing requests. @param cost beside that of one list @throws ServerBusy, the signal's reason
   */
  inTurn<T>(work: () => Promise<T>, signal?: AbortSignal, cost?: number): Promise<T>;
}

/** What makes lists. */
export interface ServedLists extends InTurn {
  readonly task: 'lists';
  readonly open: OpenRecommender;
  /** What reads its items' texts, loaded when it is first asked for. @throws RECOMMEND_ITEMS where it reads none */
  reader(): Promise<ServedReader>;
}

/** What says whether someone will like something. */
export interface ServedPreference extends InTurn {
  readonly task: 'preference';
  readonly open: OpenPreference;
  itemTable(): Promise<ItemTable>;
}

export type ServedRecommender = ServedLists | ServedPreference;
