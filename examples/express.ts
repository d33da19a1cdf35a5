/**
 * Recommendations from an Express server: GET /recommendations/USER, GET /recommendations?history=tea-1,cups-2.
 *
 *     node express.ts [FOLDER]                  in a project that has softprompt and express, Node.js 22.18 or newer
 *     node dist/examples/express.js [FOLDER]    in a checkout, once it is built
 *
 * FOLDER is what `softprompt recommend fit --out` wrote; without one a made-up shop is fitted first, in some seconds.
 * `softprompt serve FOLDER` is a whole server with keys, limits and an OpenAPI page: see docs/service.md.
 */
import express from 'express';
import { recommend, SoftpromptError } from 'softprompt';
import { items, orders } from './made-up-shop.js';

const [folder] = process.argv.slice(2);
const shop = folder
  ? await recommend.open(folder)
  : await recommend.fit(orders, { items, refit: false, network: { width: 16, epochs: 5 } });

const app = express();

app.get(['/recommendations', '/recommendations/:user'], async ({ params, query }, response) => {
  const history = String(query.history ?? '')
    .split(',')
    .filter(Boolean);
  try {
    const { user } = params as { user?: string };
    const list = await shop.recommend(user === undefined ? { history } : { user }, { k: 5, explain: true });
    response.json(
      list.map(({ item, attributes, because }) => ({
        item,
        title: attributes.title,
        because: because?.map((reason) => reason.title ?? reason.item),
      })),
    );
  } catch (error) {
    // what was asked for wrongly is told; anything else is a fault of the server's
    if (!(error instanceof SoftpromptError)) throw error;
    response.status(error.code === 'RECOMMEND_REQUEST' ? 404 : 400).json({ code: error.code, message: error.message });
  }
});

const server = app.listen(Number(process.env.PORT ?? 3000), () => {
  const address = server.address();
  console.log(`http://localhost:${typeof address === 'object' ? address?.port : address}/recommendations/person-1`);
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => server.close(() => void shop.close()));
}
