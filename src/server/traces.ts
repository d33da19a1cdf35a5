import { randomBytes } from 'node:crypto';
import { packageVersion } from '../package-version.js';

/** A span that goes on. */
export interface Span {
  /** 32 hex digits. */
  readonly trace: string;
  /** A part of it. */
  child(name: string, attributes?: Attributes): Span;
  /** @param failed whether it was a fault of the service */
  end(attributes?: Attributes, failed?: boolean): void;
}

export type Attributes = Readonly<Record<string, string | number>>;

/** Where spans go. */
export interface Traces {
  /** A request has come. @param parent its header `traceparent` (W3C Trace Context), if it has one */
  begin(name: string, parent: string | undefined): Span;
  /** Sends what is left. */
  close(): Promise<void>;
}

interface EndedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly name: string;
  readonly kind: 1 | 2;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly object[];
  readonly status: object;
}

const EVERY_MS = 2000;
const AT_ONCE = 512;
const MOST_KEPT = 4096;
const TIMEOUT_MS = 5000;
const SILENT: Span = { trace: '', child: () => SILENT, end: () => {} };

/**
 * Sends spans as OpenTelemetry's protocol has them (OTLP 1, JSON over HTTP): what every collector takes. A request that comes
 * with a trace goes on in it, and is left out where its sender does not record it. Spans that cannot be sent are dropped.
 * @param url of a collector, such as `http://127.0.0.1:4318`
 * @param onProblem told when sending begins to fail
 */
export function traces(url: string, onProblem: (error: unknown) => void): Traces {
  const address = /\/v1\/traces\/?$/.test(url) ? url : `${url.replace(/\/+$/, '')}/v1/traces`;
  let ended: EndedSpan[] = [];
  let failing = false;
  let sending: Promise<void> = Promise.resolve();
  const send = () => {
    const spans = ended.splice(0);
    if (spans.length === 0) return sending;
    sending = sending.then(async () => {
      try {
        const response = await fetch(address, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(asRequest(spans)),
          signal: AbortSignal.timeout(TIMEOUT_MS),
        });
        await response.arrayBuffer();
        if (!response.ok) throw new Error(`the collector answered ${response.status}`);
        failing = false;
      } catch (error) {
        if (!failing) onProblem(error);
        failing = true;
      }
    });
    return sending;
  };
  const timer = setInterval(send, EVERY_MS).unref();

  const open = (name: string, kind: 1 | 2, trace: string, parent: string | undefined, about: Attributes = {}): Span => {
    const id = randomBytes(8).toString('hex');
    const began = BigInt(Date.now()) * 1_000_000n;
    const start = process.hrtime.bigint();
    return {
      trace,
      child: (part, attributes) => open(part, 1, trace, id, attributes),
      end: (attributes = {}, failed = false) => {
        ended.push({
          ...{ traceId: trace, spanId: id, parentSpanId: parent, name, kind },
          startTimeUnixNano: String(began),
          endTimeUnixNano: String(began + process.hrtime.bigint() - start),
          attributes: Object.entries({ ...about, ...attributes }).map(([key, value]) => ({
            key,
            value: asValue(value),
          })),
          status: failed ? { code: 2 } : {},
        });
        if (ended.length > MOST_KEPT) ended = ended.slice(-MOST_KEPT);
        if (ended.length >= AT_ONCE) void send();
      },
    };
  };
  return {
    begin: (name, header) => {
      const [, trace, parent, flags] = /^[\da-f]{2}-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})/.exec(header ?? '') ?? [];
      if (trace === undefined || /^0+$/.test(trace)) return open(name, 2, randomBytes(16).toString('hex'), undefined);
      const recorded = (Number.parseInt(flags!, 16) & 1) === 1;
      return recorded ? open(name, 2, trace, parent) : SILENT;
    },
    close: async () => {
      clearInterval(timer);
      await send();
    },
  };
}

const asValue = (value: string | number) => {
  if (typeof value === 'string') return { stringValue: value };
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
};

const asRequest = (spans: readonly EndedSpan[]) => ({
  resourceSpans: [
    {
      resource: {
        attributes: Object.entries({ 'service.name': 'softprompt', 'service.version': packageVersion() }).map(
          ([key, value]) => ({ key, value: asValue(value) }),
        ),
      },
      scopeSpans: [{ scope: { name: 'softprompt' }, spans }],
    },
  ],
});
