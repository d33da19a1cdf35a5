import { currentLanguage } from '../language/language.js';
import { translate as t } from '../language/translate.js';
import { Html, html } from './html.js';
import { GENERATOR } from './report-options.js';

export interface Section {
  readonly title: string;
  readonly body: Html;
}

export interface Page {
  readonly title: string;
  /** What it is about, when it was made, by which version. */
  readonly about: string;
  readonly sections: readonly Section[];
}

const STYLE_SHEET = new Html(`
:root{color-scheme:light dark;--paper:#fff;--ink:#1d2330;--soft:#5a6272;--own:#0b66b0;--other:#8b93a1;--second:#b4540a;--line:#c3c8d2;--card:#f3f5f9}
@media(prefers-color-scheme:dark){:root{--paper:#14171d;--ink:#e8ebf0;--soft:#aab2c0;--own:#5fb0f2;--other:#7c8594;--second:#f0a35e;--line:#454d5b;--card:#1d222b}}
*{box-sizing:border-box}
body{margin:0 auto;padding:2rem 1.25rem 4rem;max-width:46rem;background:var(--paper);color:var(--ink);font:1rem/1.55 system-ui,-apple-system,"Segoe UI","PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif;overflow-wrap:anywhere}
h1{font-size:1.7rem;line-height:1.2;margin:0 0 .25rem}
h2{font-size:1.2rem;margin:2.5rem 0 .75rem;border-bottom:1px solid var(--line);padding-bottom:.25rem}
h3{font-size:1rem;margin:1.25rem 0 .4rem}
p{margin:.5rem 0}.about{color:var(--soft)}
.verdict{background:var(--card);border-left:.4rem solid var(--own);padding:.9rem 1.1rem;font-size:1.1rem;border-radius:.2rem}
.verdict.worse{border-color:var(--second)}.verdict.no-difference{border-color:var(--other)}
figure{margin:.75rem 0}figure svg{max-width:100%;height:auto;background:none;color:var(--ink);--plot-background:var(--paper)}
details{margin:.25rem 0}summary{cursor:pointer;color:var(--soft)}
.wide{overflow-x:auto}table{border-collapse:collapse;font-size:.9rem;font-variant-numeric:tabular-nums}
th,td{padding:.25rem .7rem;text-align:right;border-bottom:1px solid var(--line)}th[scope=row],thead th:first-child{text-align:left}
.person{background:var(--card);padding:.75rem 1rem;border-radius:.3rem;margin:.75rem 0;break-inside:avoid}.person p,.person ol{margin:.25rem 0}
.why{color:var(--soft)}code{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.92em}
a{color:var(--own)}nav ul{list-style:none;display:flex;flex-wrap:wrap;gap:.25rem 1rem;padding:0;margin:1rem 0}
@media print{:root{--paper:#fff;--ink:#000;--soft:#333;--own:#0b66b0;--second:#b4540a;--other:#777;--line:#999;--card:#fff}body{max-width:none;padding:0;font-size:10pt}nav{display:none}figure,tr{break-inside:avoid}h2{break-after:avoid}}
`);

/** One HTML file that needs nothing else: no script, no font, no address; both colour themes, and paper. */
export function pageOf({ title, about, sections }: Page): string {
  const anchored = sections.map((section, i) => ({ ...section, anchor: `part-${i + 1}` }));
  const { text } = html`<!doctype html>
<html lang="${currentLanguage()}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
${new Html(GENERATOR)}
<title>${title}</title>
<style>${STYLE_SHEET}</style>
</head>
<body>
<header>
<h1>${title}</h1>
<p class="about">${about}</p>
<nav aria-label="${t('Contents')}"><ul>${anchored.map(
    ({ title, anchor }) => html`<li><a href="#${anchor}">${t(title)}</a></li>`,
  )}</ul></nav>
</header>
<main>
${anchored.map(
  ({ title, body, anchor }) => html`<section aria-labelledby="${anchor}">
<h2 id="${anchor}">${t(title)}</h2>
${body}
</section>
`,
)}</main>
</body>
</html>
`;
  return text;
}
