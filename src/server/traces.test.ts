import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { traces } from './traces.js';

interface Sent {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly { readonly key: string; readonly value: object }[];
  readonly status: { readonly code?: number };
}

async function collector(status = 200) {
  const spans: Sent[] = [];
  const paths: string[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    paths.push(request.url!);
    spans.push(...JSON.parse(body).resourceSpans[0].scopeSpans[0].spans);
    response.writeHead(status).end('{}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, spans, paths, close: () => server.close() };
}

describe('traces', () => {
  it('are sent as OTLP has them, parts below their whole', async () => {
    const { url, spans, paths, close } = await collector();
    const sent = traces(url, assert.ifError);
    const whole = sent.begin('GET /x', undefined);
    whole.child('answer', { 'softprompt.version': 'v1' }).end();
    whole.end({ 'http.response.status_code': 500 }, true);
    await sent.close();
    close();
    assert.deepEqual(paths, ['/v1/traces']);
    const [part, all] = spans;
    assert.equal(part!.parentSpanId, all!.spanId);
    assert.equal(part!.traceId, all!.traceId);
    assert.match(all!.traceId, /^[\da-f]{32}$/);
    assert.equal(all!.parentSpanId, undefined);
    assert.deepEqual(part!.attributes, [{ key: 'softprompt.version', value: { stringValue: 'v1' } }]);
    assert.deepEqual(all!.attributes, [{ key: 'http.response.status_code', value: { intValue: '500' } }]);
    assert.deepEqual([part!.status, all!.status], [{}, { code: 2 }]);
    assert.ok(BigInt(all!.endTimeUnixNano) >= BigInt(all!.startTimeUnixNano));
  });

  it("go on in the sender's trace, where he records it", async () => {
    const { url, spans, close } = await collector();
    const sent = traces(`${url}/v1/traces`, assert.ifError);
    const [trace, parent] = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331'];
    sent.begin('kept', `00-${trace}-${parent}-01`).end();
    const silent = sent.begin('left out', `00-${trace}-${parent}-00`);
    silent.child('part').end();
    silent.end();
    sent.begin('anew', `00-${'0'.repeat(32)}-${parent}-01`).end();
    await sent.close();
    close();
    assert.deepEqual(
      spans.map(({ name }) => name),
      ['kept', 'anew'],
    );
    assert.deepEqual([spans[0]!.traceId, spans[0]!.parentSpanId], [trace, parent]);
    assert.notEqual(spans[1]!.traceId, '0'.repeat(32));
  });

  it('that nobody takes are dropped, and told once', async () => {
    const { url, close } = await collector(503);
    const problems: unknown[] = [];
    const sent = traces(url, (error) => problems.push(error));
    for (let i = 0; i < 1500; i++) sent.begin('x', undefined).end();
    await sent.close();
    close();
    assert.equal(problems.length, 1);
  });
});
