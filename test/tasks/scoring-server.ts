import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { loadModel } from '../../src/network/load-model.js';
import { promptNetwork } from '../../src/network/prompt-network.js';
import { NOTHING } from '../../src/network/trainable.js';

/** A server of OpenAI's completions with log-probabilities of a real model: of the text's last tokens, or of the next token. */
export async function scoringServer(folder: string) {
  const model = await loadModel(folder);
  const { tokenizer, checkpoint } = model;
  const { maxPositions } = checkpoint.config;
  const network = promptNetwork(checkpoint, {
    ...{ loss: 'labels', trainable: NOTHING, sharedRows: 0, maxPositions, threads: 1 },
  });
  const none = new Float32Array(0);
  const withBos = (text: string) => [
    ...(tokenizer.bos === undefined ? [] : [tokenizer.bos]),
    ...tokenizer.encode(text),
  ];
  const ordinary = Array.from({ length: tokenizer.size }, (_, id) => id).filter((id) => !tokenizer.special.has(id));
  const logs = async (context: readonly number[], ids: readonly number[]) => {
    const candidates = ids.map((id) => Int32Array.of(id));
    return network.logLikelihoods(none, [{ context: Int32Array.from(context), candidates, target: undefined }]);
  };
  const server = {
    url: '',
    way: 'echo' as 'echo' | 'next' | 'none',
    close: async () => {
      await new Promise((done) => http.close(done));
      await network.release();
    },
  };
  const completion = async ({ prompt, echo }: { prompt: string; echo?: boolean }) => {
    if (server.way === 'none' || (echo && server.way !== 'echo')) return { choices: [{ text: '', logprobs: null }] };
    const ids = withBos(prompt);
    if (!echo) {
      const all = await logs(ids, ordinary);
      const top = Object.fromEntries(ordinary.map((id, i) => [tokenizer.decode([id], true), all[i]!]));
      return { choices: [{ text: '', logprobs: { tokens: [], token_logprobs: [], top_logprobs: [top] } }] };
    }
    const tokens = tokenizer.encode(prompt).map((id) => tokenizer.decode([id], true));
    const known = await Promise.all([1].map(async (back) => (await logs(ids.slice(0, -back), [ids.at(-back)!]))[0]!));
    const token_logprobs = [...tokens.slice(1).map(() => null), known[0]!];
    return { choices: [{ text: prompt, logprobs: { tokens, token_logprobs, text_offset: [...tokens.keys()] } }] };
  };
  const http = createServer(async (request, response) => {
    const body = JSON.parse(await textOf(request));
    const answer = request.url?.endsWith('/completions') && !request.url.includes('chat') ? await completion(body) : {};
    response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
  });
  await new Promise<void>((done) => http.listen(0, '127.0.0.1', done));
  server.url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/v1`;
  return server;
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const part of request) text += part;
  return text;
}
