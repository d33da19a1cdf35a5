/** Something that a user met. */
export interface MetItem {
  readonly item: string;
  /** Seconds since 1970; undefined where no time is known. */
  readonly time?: number | undefined;
}

/** What a recommender knows of a user already. */
export interface KnownOfUser {
  /** His history, with what updates have added to it. */
  readonly history: Iterable<string>;
  /** The latest interaction of the fit, in seconds since 1970, if it had times. */
  readonly until: number | undefined;
  /** Whether an update brought an event that is later than the fit. */
  readonly brought: (item: string, time: number) => boolean;
}

/**
 * Those of a user's events that a recommender does not know yet. What is later than its fit, by a whole second, is new
 * unless an update brought it; else an item counts as new as often as it was met more often than it stands in his history,
 * so that a list of everything, or the same list again, brings nothing twice.
 * @param events the oldest first
 */
export function unknownEvents<Event extends MetItem>(
  events: readonly Event[],
  { history, until, brought }: KnownOfUser,
): Event[] {
  const known = new Map<string, number>();
  for (const item of history) known.set(item, (known.get(item) ?? 0) + 1);
  return events.filter(({ item, time }) => {
    if (time !== undefined && until !== undefined && Math.floor(time) > until) return !brought(item, time);
    const before = known.get(item) ?? 0;
    if (before > 0) known.set(item, before - 1);
    return before === 0;
  });
}

/** What tells an event among those that updates brought: tables may keep times to the second only. */
export const eventKey = (user: string, item: string, time: number): string =>
  JSON.stringify([user, item, Math.floor(time)]);
