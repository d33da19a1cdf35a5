/** An answer that is no fault of the service: it is sent as it is. */
export class Refusal extends Error {
  readonly status: number;
  /** What programs tell it by. */
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

/** More is asked than can be answered in time. */
export class ServerBusy extends Refusal {
  /** @param seconds when to ask again */
  constructor(seconds: number) {
    super(429, 'SERVER_BUSY', `More is asked than can be answered now. Ask again in ${seconds} s.`, {
      'retry-after': String(seconds),
    });
  }
}

/** More in one request than can be answered in its time, however long one waits. */
export class AskedTooMuch extends Refusal {
  constructor(count: number, expected: number, seconds: number) {
    const most = Math.max(1, Math.floor((count * seconds) / expected / 2));
    super(
      413,
      'REQUEST_TOO_LARGE',
      `${count} at once take about ${Math.ceil(expected)} s here, and a request may take ${seconds} s. Ask for ${most} at a time, or start the service with a longer --timeout.`,
    );
  }
}

export class RequestTimeout extends Refusal {
  constructor(seconds: number) {
    super(504, 'REQUEST_TIMEOUT', `There was no answer within ${seconds} s. Ask for less at once, or later.`);
  }
}

/** Nobody waits for the answer; nobody hears this either. */
export class ClientLeft extends Refusal {
  constructor() {
    super(499, 'CLIENT_LEFT', 'The client has left.');
  }
}

export const unauthorized = (message: string) =>
  new Refusal(401, 'UNAUTHORIZED', message, { 'www-authenticate': 'Bearer' });

export const forbidden = (message: string) => new Refusal(403, 'FORBIDDEN', message);

export const notFound = (message: string) => new Refusal(404, 'NOT_FOUND', message);

export const conflict = (message: string) => new Refusal(409, 'CONFLICT', message);
