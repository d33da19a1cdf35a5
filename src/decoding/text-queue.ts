import type { Answer, AnswerStream } from './request.js';

/** A stream that is filled from outside. */
export interface TextQueue {
  readonly stream: AnswerStream;
  push(text: string): void;
  end(answer: Answer): void;
  fail(error: unknown): void;
}

/** @param onReturn called where the reader stops before the end */
export function textQueue(onReturn: () => void): TextQueue {
  const texts: string[] = [];
  let wake = () => {};
  let ended: { readonly error?: unknown } | undefined;
  let settle!: { resolve(answer: Answer): void; reject(error: unknown): void };
  const answer = new Promise<Answer>((resolve, reject) => {
    settle = { resolve, reject };
  });
  answer.catch(() => {}); // who reads the pieces alone hears of it there
  async function* pieces() {
    try {
      while (true) {
        while (texts.length > 0) yield texts.shift()!;
        if (ended !== undefined) {
          if ('error' in ended) throw ended.error;
          return;
        }
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    } finally {
      if (ended === undefined) onReturn();
    }
  }
  return {
    stream: { answer, [Symbol.asyncIterator]: pieces },
    push: (text) => {
      if (text === '') return;
      texts.push(text);
      wake();
    },
    end: (whole) => {
      ended = {};
      settle.resolve(whole);
      wake();
    },
    fail: (error) => {
      ended = { error };
      settle.reject(error);
      wake();
    },
  };
}
