/**
 * Clients that ask at a rate, whether they are answered or not, in a process of their own: `URL RATE SECONDS PROMPTS`, the
 * result as a line of JSON. Arrivals are independent of each other (a Poisson process), and every request is followed to its end.
 */
import { Agent, request } from 'node:http';
import { percentile } from '../../src/evaluation/percentile.js';
import { Random } from '../../src/random.js';
import { nameOf, testTexts } from './made-prompts.js';

const [url, rate, seconds, prompts] = process.argv.slice(2);
const texts = testTexts();
const random = new Random(11);
const agent = new Agent({ keepAlive: true });
const { hostname, port } = new URL(url!);
const took = new Map<string, number[]>();
let [asked, under] = [0, 0];

function ask(): void {
  const start = performance.now();
  const body = JSON.stringify({ text: texts[random.integer(texts.length)] });
  const path = `/v1/prompts/${nameOf(random.integer(Number(prompts)))}/predict`;
  asked += 1;
  under += 1;
  const end = (outcome: string) => {
    under -= 1;
    took.set(outcome, [...(took.get(outcome) ?? []), performance.now() - start]);
  };
  const sent = request(
    {
      ...{ agent, hostname, port, path, method: 'POST' },
      headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
    },
    (response) => {
      response.resume();
      response.on('end', () => end(String(response.statusCode)));
      response.on('error', (error) => end(`error ${error.message}`));
    },
  );
  sent.on('error', (error: NodeJS.ErrnoException) => end(`error ${error.code ?? error.message}`));
  sent.end(body);
}

const started = performance.now();
let due = 0;
while (due < Number(seconds)) {
  due += -Math.log(1 - random.uniform()) / Number(rate);
  const wait = due * 1000 - (performance.now() - started);
  if (wait > 0) await new Promise((later) => setTimeout(later, wait));
  ask();
}
const arrived = (performance.now() - started) / 1000;
while (under > 0) await new Promise((later) => setTimeout(later, 50)); // every one is followed to its end
const outcomes = Array.from(took, ([outcome, milliseconds]) => {
  const sorted = Float64Array.from(milliseconds).sort();
  const at = (share: number) => Math.round(percentile(sorted, share));
  return [
    outcome,
    { count: sorted.length, milliseconds: { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) } },
  ] as const;
});
console.log(
  JSON.stringify({
    asked,
    requestsPerSecond: asked / arrived,
    outcomes: Object.fromEntries(outcomes),
    seconds: arrived,
  }),
);
process.exit(0);
