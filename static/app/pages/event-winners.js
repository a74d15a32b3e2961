/** The winners of an event: the first places of every category, to be read out. */
import { html } from '../lib/view.js';
import { concerns } from '../lib/concerns.js';
import { figure } from '../lib/decimal.js';
import { count, ordinal } from '../lib/format.js';
import { useResource } from '../lib/resource.js';
import { Badge } from '../components/badge.js';
import { Empty, Loaded, Notice } from '../components/notice.js';
import { Page, Section } from '../components/page.js';
import { Table } from '../components/table.js';

export function EventWinnersPage({ id }) {
  const winners = useResource(`/events/${id}/winners`, { refreshMs: 15_000, on: concerns({ eventId: id }) });
  return html`<${Loaded} state=${winners}>${(data) => html`<${Winners} winners=${data} />`}<//>`;
}

function Winners({ winners: { event, contests } }) {
  const crumbs = [{ label: 'Events', href: '#/' }, { label: event.name, href: `#/events/${event.id}` }];
  return html`
    <${Page} title="Winners" crumbs=${crumbs}>
      ${contests.every(({ categories }) => categories.length === 0)
        ? html`<${Empty} icon="trophy" title="No categories to rank yet">
            The first places of every category appear here as soon as judges submit sheets.<//>`
        : contests.map(({ contest, categories }) => html`
            <${Section} key=${contest.id} title=${contest.name}>
              ${categories.map((category) => html`<${Category} key=${category.category.id} ...${category} />`)}
            <//>`)}
    <//>`;
}

function Category({ category, problem, provisional, sheetsExpected, sheetsSubmitted, winners }) {
  const heading = html`
    <h3><a href="#/categories/${category.id}/results">${category.name}</a>
      ${provisional && html` <${Badge} tone="warning">Provisional: ${sheetsSubmitted} of ${
        count(sheetsExpected, 'sheet')}<//>`}</h3>`;
  if (problem) {
    return html`${heading}<${Notice} tone="warning" title="No results can be computed"><p>${problem.detail}</p><//>`;
  }
  if (winners.length === 0) return html`${heading}<p>Nobody has a place yet.</p>`;
  const columns = [
    { label: 'Place', kind: 'place', cell: ({ place, shared }) => html`
      <span title="${ordinal(place)} place${shared ? ', shared' : ''}">${shared ? '=' : ''}${place}</span>` },
    { label: 'Entry', kind: 'main', cell: ({ entry: { name, number } }) => html`
      ${name}${number !== null && html` <small>no. ${number}</small>`}` },
    { label: 'Total', kind: 'number', cell: ({ total }) => (total === null ? '–' : figure(total)) },
  ];
  return html`${heading}
    <${Table} caption="Winners of ${category.name}" columns=${columns} rows=${winners}
      rowKey=${({ entry }) => entry.id} />`;
}
