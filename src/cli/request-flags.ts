import { SoftpromptError } from '../errors.js';

/** Whom a recommendation is for. */
export interface RequestFlags {
  readonly user?: string | undefined;
  readonly history?: readonly string[] | undefined;
}

/** @throws FLAG_MISSING unless one of both is given */
export function checkRequestFlags({ user, history }: RequestFlags): void {
  if ((user === undefined) !== (history === undefined)) return;
  throw new SoftpromptError('FLAG_MISSING', {
    found: user === undefined ? 'Neither --user nor --history' : 'Both --user and --history',
    expected: 'one of them',
    fix: "Give --user with a user of the interactions, or --history with a new user's items, the oldest first.",
  });
}
