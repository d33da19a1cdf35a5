import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { statusOf } from './answer-errors.js';
import type { HeldModels } from './held-models.js';

/** A version of a prompt or recommender. */
export interface VersionLabels {
  readonly kind: 'prompt' | 'recommender';
  readonly name: string;
  /** The version. */
  readonly id: string;
}

/** What one version has done since the service began. */
export interface VersionFigures {
  /** Texts labelled or gone on with, lists made, items judged. */
  readonly answers: number;
  readonly requests: number;
  /** Requests that ended in a fault or too late; mistakes of requests and refusals are none. */
  readonly failures: number;
  /** Mean time to answer a request, in milliseconds; null before the first. */
  readonly mean_ms: number | null;
}

/** What the service counts, for Prometheus. No label holds what a request says, but for the names of prompts that exist. */
export interface Metrics {
  readonly registry: Registry;
  request(route: string, method: string, status: number, seconds: number): void;
  /** A request to a version has ended. */
  ended(version: VersionLabels, seconds: number, error: unknown): void;
  /** What it was answered with. */
  answered(version: VersionLabels, count: number): void;
  ofVersion(version: VersionLabels): VersionFigures;
}

const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** @param models what waits for an answer, and what is held */
export function serverMetrics(models: Pick<HeldModels, 'waiting' | 'holds'>): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const requests = new Histogram({
    name: 'softprompt_request_seconds',
    help: 'Time to answer a request',
    labelNames: ['route', 'method', 'status'] as const,
    buckets: BUCKETS,
    registers,
  });
  const labelNames = ['kind', 'name', 'version'] as const;
  const answers = new Counter({
    name: 'softprompt_answers_total',
    help: 'Texts labelled and lists made',
    ...{ labelNames, registers },
  });
  const seconds = new Histogram({
    name: 'softprompt_version_seconds',
    help: 'Time to answer a request, by version',
    ...{ labelNames, registers, buckets: BUCKETS },
  });
  const failures = new Counter({
    name: 'softprompt_version_failures_total',
    help: 'Requests to a version that ended in a fault or too late',
    ...{ labelNames, registers },
  });
  new Gauge({
    name: 'softprompt_waiting_texts',
    help: 'Texts that wait for a batch',
    registers,
    collect() {
      this.set(models.waiting);
    },
  });
  new Gauge({
    name: 'softprompt_held_bytes',
    help: 'Weights of frozen models, mapped, and keys and values of what prompts put in front',
    labelNames: ['model', 'what'] as const,
    registers,
    collect() {
      for (const { model, weightBytes, frontBytes } of models.holds) {
        this.set({ model, what: 'weights' }, weightBytes);
        this.set({ model, what: 'fronts' }, frontBytes);
      }
    },
  });
  const versions = new Map<string, { answers: number; requests: number; failures: number; seconds: number }>();
  const figuresOf = ({ kind, name, id }: VersionLabels) => {
    const key = JSON.stringify([kind, name, id]);
    const figures = versions.get(key) ?? { answers: 0, requests: 0, failures: 0, seconds: 0 };
    versions.set(key, figures);
    return figures;
  };
  const labelsOf = ({ kind, name, id }: VersionLabels) => ({ kind, name, version: id });
  return {
    registry,
    request: (route, method, status, took) => requests.observe({ route, method, status: String(status) }, took),
    ended: (version, took, error) => {
      const figures = figuresOf(version);
      if (error === undefined) {
        figures.requests += 1;
        figures.seconds += took;
        seconds.observe(labelsOf(version), took);
      } else if (statusOf(error) >= 500) {
        figures.failures += 1;
        failures.inc(labelsOf(version));
      }
    },
    answered: (version, count) => {
      figuresOf(version).answers += count;
      answers.inc(labelsOf(version), count);
    },
    ofVersion: (version) => {
      const { answers: given, requests: answered, failures: failed, seconds: spent } = figuresOf(version);
      const mean = answered === 0 ? null : Math.round((1e6 * spent) / answered) / 1000;
      return { answers: given, requests: answered, failures: failed, mean_ms: mean };
    },
  };
}
