import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** What the service counts, for Prometheus. No label holds what a request says, but for the names of prompts that exist. */
export interface Metrics {
  readonly registry: Registry;
  request(route: string, method: string, status: number, seconds: number): void;
  answered(kind: 'prompt' | 'recommender', name: string, version: string, count: number): void;
}

/** @param waiting texts that wait for an answer */
export function serverMetrics(waiting: () => number): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const requests = new Histogram({
    name: 'softprompt_request_seconds',
    help: 'Time to answer a request',
    labelNames: ['route', 'method', 'status'] as const,
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers: [registry],
  });
  const answers = new Counter({
    name: 'softprompt_answers_total',
    help: 'Texts labelled and lists made',
    labelNames: ['kind', 'name', 'version'] as const,
    registers: [registry],
  });
  new Gauge({
    name: 'softprompt_waiting_texts',
    help: 'Texts that wait for a batch',
    registers: [registry],
    collect() {
      this.set(waiting());
    },
  });
  return {
    registry,
    request: (route, method, status, seconds) => requests.observe({ route, method, status: String(status) }, seconds),
    answered: (kind, name, version, count) => answers.inc({ kind, name, version }, count),
  };
}
