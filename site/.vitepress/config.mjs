import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { defineConfig } from 'vitepress';

const REPOSITORY = 'https://github.com/softprompt/softprompt';
const docs = resolve(import.meta.dirname, '../../docs');

const tasks = [
  { text: 'Recommend products', link: '/tasks/recommend-products' },
  { text: 'Sort messages', link: '/tasks/sort-messages' },
  { text: 'New items', link: '/tasks/new-items' },
  { text: 'Explain', link: '/tasks/explain' },
  { text: 'Serve', link: '/tasks/serve' },
];

const reference = [
  { text: 'Recommendation', link: '/recommendation' },
  { text: 'Data', link: '/recommendation-data' },
  { text: 'Templates', link: '/templates' },
  { text: 'Generation', link: '/generation' },
  { text: 'Finding prompts', link: '/finding-prompts' },
  { text: 'Ways to learn', link: '/methods' },
  { text: 'Pretraining', link: '/pretraining' },
  { text: 'Models', link: '/models' },
  { text: 'Service', link: '/service' },
  { text: 'Queue', link: '/queue' },
  { text: 'Reports', link: '/report' },
  { text: 'Verdicts', link: '/verdicts' },
  { text: 'Options', link: '/options' },
  { text: 'Languages', link: '/languages' },
  { text: 'Errors', link: '/errors' },
];

const inside = [
  { text: 'Architecture', link: '/architecture' },
  { text: 'Conventions', link: '/conventions' },
  { text: 'Threat model', link: '/threat-model' },
];

/** Links of documents that lead out of docs/ go to the repository, so that the same documents read well in both places. */
function outwards(markdown) {
  const usual =
    markdown.renderer.rules.link_open ?? ((tokens, i, options, _, self) => self.renderToken(tokens, i, options));
  markdown.renderer.rules.link_open = (tokens, i, options, env, self) => {
    const target = tokens[i].attrGet('href') ?? '';
    if (!/^(\w+:|#|\/)/.test(target)) {
      const path = join(dirname(env.relativePath ?? ''), target.split('#')[0]);
      if (path.startsWith('..') || !existsSync(join(docs, path.replace(/\.html$/, '.md')))) {
        tokens[i].attrSet('href', `${REPOSITORY}/blob/main/${join('docs', path).replaceAll('\\', '/')}`);
      }
    }
    return usual(tokens, i, options, env, self);
  };
}

export default defineConfig({
  title: 'softprompt',
  description:
    'CSV in, recommendations with reasons out: prompt tuning of frozen language models in Node.js, on a CPU.',
  // a copy of ../docs, made by the scripts of package.json: beside it lie the packages that its pages are built with
  srcDir: 'docs',
  outDir: './dist',
  cacheDir: './.cache',
  cleanUrls: true,
  // braces in the documents are templates of prompts, not of Vue
  vue: { template: { compilerOptions: { delimiters: ['⟦⟦', '⟧⟧'] } } },
  // what looks like HTML in the documents is a placeholder, such as <folder>
  markdown: { html: false, config: outwards },
  themeConfig: {
    nav: [
      { text: 'Tasks', items: tasks },
      { text: 'Options', link: '/options' },
      { text: '中文', link: `${REPOSITORY}/blob/main/README.zh-CN.md` },
    ],
    sidebar: [
      { text: 'Tasks', items: tasks },
      { text: 'Reference', items: reference },
      { text: 'Inside', items: inside },
    ],
    search: { provider: 'local' },
    socialLinks: [{ icon: 'github', link: REPOSITORY }],
  },
});
