/**
 * Keeps what was opened last, since the next job of a worker is mostly about the same; another one closes it first. What cannot be opened is not
 * kept.
 */
export function lastOpened<T>(close: (value: T) => Promise<unknown>) {
  let last: { readonly key: string; readonly value: Promise<T> } | undefined;
  /** @param key all that it is opened from, as JSON tells it apart */
  return async <U extends T>(key: unknown, make: () => Promise<U>): Promise<U> => {
    const text = JSON.stringify(key);
    if (last?.key !== text) {
      const before = await last?.value.catch(() => undefined);
      last = undefined;
      if (before !== undefined) await close(before);
      const opened = { key: text, value: make() };
      last = opened;
      opened.value.catch(() => {
        if (last === opened) last = undefined;
      });
    }
    return last!.value as Promise<U>;
  };
}
