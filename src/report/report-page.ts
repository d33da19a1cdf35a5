import { translate as t } from '../language/translate.js';
import type { Html } from './html.js';
import { html } from './html.js';
import { pageOf, type Section } from './page.js';
import type { ReportFacts } from './report-facts.js';
import { calibrationSection, comparisonSection, confusionSection, scoresSection } from './sections/labels.js';
import { changesSection, needsSection, wordsSection } from './sections/learned.js';
import { curvesSection } from './sections/learning.js';
import { peopleSection, popularitySection, preferenceSection, rankingSection } from './sections/people.js';

const SECTIONS: readonly (readonly [title: string, body: (facts: ReportFacts) => Html | undefined])[] = [
  ['Verdict', verdictSection],
  ['Which to take', comparisonSection],
  ['Beside its baselines', scoresSection],
  ['Beside its baselines', rankingSection],
  ['Beside its baselines', preferenceSection],
  ['Sample people', peopleSection],
  ['Popularity and coverage', popularitySection],
  ['Which labels are confused', confusionSection],
  ['How sure it is', calibrationSection],
  ['How it learned', curvesSection],
  ['What the prompt looks at', wordsSection],
  ['What was learned', changesSection],
  ['What it costs', needsSection],
];

/** The whole report as one HTML page. A part is there where the facts have what it is made of. */
export function reportPage(facts: ReportFacts): string {
  const sections: Section[] = SECTIONS.flatMap(([title, bodyOf]) => {
    const body = bodyOf(facts);
    return body === undefined ? [] : [{ title, body }];
  });
  const { missing = [] } = facts;
  if (missing.length > 0)
    sections.push({ title: 'What is missing', body: html`${missing.map((text) => html`<p>${t(text)}</p>`)}` });
  return pageOf({ title: facts.title, about: facts.about, sections });
}

function verdictSection({ result: { verdict, protocol } }: ReportFacts): Html | undefined {
  if (verdict === undefined) return undefined;
  const how = protocol === undefined ? undefined : html`<p class="about">${t(protocol)}</p>`;
  return html`<p class="verdict ${verdict.kind}">${t(verdict.text)}</p>${how}`;
}
