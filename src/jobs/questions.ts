/** What many small questions have in common: whoever answers them keeps what they need open from one to the next. */
export interface QuestionsOf {
  /** The kind of work that answers them. */
  readonly work: string;
  readonly plan: Readonly<Record<string, unknown>>;
  /** Hash of what is computed with, by its name. */
  readonly inputs: Readonly<Record<string, string>>;
  /** Files and folders that `plan` names; they travel by their content. */
  readonly files: readonly string[];
}

/** A question that depends on nothing but what it says. */
export interface Question {
  /** For people. */
  readonly name: string;
  /** Added to the plan. */
  readonly asked: Readonly<Record<string, unknown>>;
}

/** Others who answer questions. */
export interface Answers {
  /** The answers in the order of the questions. Rejects with the signal's reason. */
  ask(questions: readonly Question[], signal?: AbortSignal): Promise<unknown[]>;
  /** Puts bytes where they can be read. @returns their name, a hash of them */
  keep(content: Uint8Array): Promise<string>;
  /** Bytes that were kept, by whomever. */
  content(hash: string): Promise<Uint8Array>;
  /** How many there are at the moment. */
  workers(): Promise<number>;
  close(): Promise<void>;
}
