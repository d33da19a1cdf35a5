// Pictures of a report in both themes, for docs/report.md:
//   node scripts/report-screenshots.mjs softprompt-start/report.html docs/report      writes docs/report-light.png and -dark.png
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const [report, name] = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
for (const colorScheme of ['light', 'dark']) {
  const page = await browser.newPage({ colorScheme, viewport: { width: 820, height: 1500 } });
  await page.goto(pathToFileURL(resolve(report)).href);
  await page.screenshot({ path: `${name}-${colorScheme}.png` });
}
await browser.close();
