/// <reference lib="esnext.disposable" preserve="true" />

/** What holds memory outside JavaScript until it is closed: by `close`, or by `await using`. */
export interface Closable {
  /** Frees what it holds, once what it is computing has ended. It cannot be used afterwards; closing again does nothing. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Node before 20.5 has no such symbol, and TypeScript's `await using` there brings this one. */
const ASYNC_DISPOSE: typeof Symbol.asyncDispose =
  Symbol.asyncDispose ?? (Symbol.for('Symbol.asyncDispose') as typeof Symbol.asyncDispose);

export function closable(free: () => Promise<void>): Closable {
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= free();
    return closed;
  };
  return { close, [ASYNC_DISPOSE]: close } as Closable;
}
