/**
 * Recommendations from a Next.js app: save this as `app/api/recommendations/route.ts`. It runs in Node.js, not on the edge.
 *
 *     GET /api/recommendations?user=person-1            for someone the shop knows
 *     GET /api/recommendations?history=tea-1,cups-2     for anyone, by what he chose
 *
 * SHOP is the folder that `softprompt recommend fit --out` wrote. In next.config.ts leave the native packages to Node:
 * `serverExternalPackages: ['softprompt', 'onnxruntime-node', '@duckdb/node-api']`.
 */
import { recommend, SoftpromptError } from 'softprompt';

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';

/** Opened with the first request, once for the whole server. */
let shop: ReturnType<typeof recommend.open> | undefined;

export async function GET(request: Request): Promise<Response> {
  const { searchParams } = new URL(request.url);
  const user = searchParams.get('user');
  const history = (searchParams.get('history') ?? '').split(',').filter(Boolean);
  try {
    shop ??= recommend.open(process.env.SHOP ?? 'shop');
    const list = await (await shop).recommend(user === null ? { history } : { user }, { k: 5, explain: true });
    return Response.json(
      list.map(({ item, attributes, because }) => ({
        item,
        title: attributes.title,
        because: because?.map((reason) => reason.title ?? reason.item),
      })),
    );
  } catch (error) {
    if (!(error instanceof SoftpromptError)) throw error;
    if (error.code !== 'RECOMMEND_REQUEST') shop = undefined; // the next request opens it anew
    const status = error.code === 'RECOMMEND_REQUEST' ? 404 : 500;
    return Response.json({ code: error.code, message: error.message }, { status });
  }
}
