/** The clients of `load.ts`, in a process of their own: `URL CONNECTIONS SECONDS PROMPTS`, the result as a line of JSON. */
import autocannon from 'autocannon';
import { Random } from '../../src/random.js';
import { nameOf, testTexts } from './made-prompts.js';

const [url, connections, seconds, prompts] = process.argv.slice(2);
const texts = testTexts();
const random = new Random(7);
const result = await autocannon({
  ...{ url: url!, connections: Number(connections), duration: Number(seconds), timeout: 60 },
  requests: [
    {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      setupRequest: (request) => ({
        ...request,
        path: `/v1/prompts/${nameOf(random.integer(Number(prompts)))}/predict`,
        body: JSON.stringify({ text: texts[random.integer(texts.length)] }),
      }),
    },
  ],
});
const { p50, p90, p99, max } = result.latency;
console.log(
  JSON.stringify({
    requestsPerSecond: result['2xx'] / result.duration,
    ...{ answered: result['2xx'], refused429: result.statusCodeStats?.['429']?.count ?? 0 },
    ...{ otherStatus: result.non2xx - (result.statusCodeStats?.['429']?.count ?? 0), errors: result.errors },
    milliseconds: { p50, p90, p99, max },
  }),
);
