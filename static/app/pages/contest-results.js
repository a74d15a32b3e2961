/** The results of all categories of a contest on one page. */
import { html } from '../lib/view.js';
import { concerns } from '../lib/concerns.js';
import { useResource } from '../lib/resource.js';
import { MailResults } from '../components/mail-results.js';
import { Empty, Loaded, Notice } from '../components/notice.js';
import { Section } from '../components/page.js';
import { ResultsTable } from '../components/results-table.js';

export function ContestResults({ contest }) {
  const results = useResource(`/contests/${contest.id}/results`, {
    refreshMs: 15_000, on: concerns({ eventId: contest.eventId, contestId: contest.id }),
  });
  return html`
    <${Loaded} state=${results}>${({ items }) => (items.length === 0
      ? html`<${Empty} icon="trophy" title="No categories to rank yet">
          Results appear here, category by category, as soon as judges submit sheets.<//>`
      : html`<div class="toolbar"><${MailResults} path=${`/contests/${contest.id}`} contestId=${contest.id} /></div>
        ${items.map((result) => html`
          <${Section} key=${result.category.id}
            title=${html`<a href="#/categories/${result.category.id}/results">${result.category.name}</a>`}>
            ${result.problem ? html`<${Notice} tone="warning" title="No results can be computed"><p>${
                result.problem.detail}</p><//>` : html`<${ResultsTable} results=${result} />`}
          <//>`)}`)}<//>`;
}
