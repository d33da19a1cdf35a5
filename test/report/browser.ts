import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium } from 'playwright-core';

const PLACES = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const executable = PLACES.find((path) => path !== undefined && existsSync(path));

/** Why pages cannot be looked at here; false where they can. */
export const skipsBrowser = (): string | false =>
  executable === undefined && 'no Chromium (apt-get install chromium, or CHROMIUM=/path)';

/** A page in a headless browser at the width of a telephone: what it asked for, and what an accessibility checker finds. */
export async function checkInBrowser(path: string, theme: 'light' | 'dark') {
  return withBrowser(async (browser) => {
    const page = await browser.newPage({ colorScheme: theme, viewport: { width: 390, height: 844 }, bypassCSP: true });
    const requests: string[] = [];
    page.on('request', (request) => {
      if (!request.url().startsWith('file:')) requests.push(request.url());
    });
    await page.goto(pathToFileURL(resolve(path)).href);
    const overflow = await page.evaluate(
      'document.documentElement.scrollWidth > document.documentElement.clientWidth + 1',
    );
    await page.evaluate('for (const one of document.querySelectorAll("details")) one.open = true');
    await page.evaluate(readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'));
    const found = (await page.evaluate('axe.run()')) as {
      violations: { id: string; impact: string; nodes: { html: string }[] }[];
    };
    const violations = found.violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 200)}`);
    return { requests, violations, overflow };
  });
}

/** Runs what needs a browser, which ends with it. */
export async function withBrowser<T>(use: (browser: Browser) => Promise<T>): Promise<T> {
  const browser = await chromium.launch({ executablePath: executable!, args: ['--no-sandbox'] });
  try {
    return await use(browser);
  } finally {
    await browser.close();
  }
}
