/** One category: criteria, entrants, judges, deductions, sheets, results. */
import { html } from '../lib/view.js';
import { freezer } from '../lib/frozen.js';
import { useList, useResource } from '../lib/resource.js';
import { go } from '../lib/router.js';
import { can } from '../lib/session.js';
import { methods } from '../lib/methods.js';
import { Badge, StateBadges } from '../components/badge.js';
import { FrozenNotice } from '../components/frozen-notice.js';
import { Loaded } from '../components/notice.js';
import { Page } from '../components/page.js';
import { ResourceActions } from '../components/resource-actions.js';
import { Tabs } from '../components/tabs.js';
import { CategoryCriteria } from './category-criteria.js';
import { CategoryDeductions } from './category-deductions.js';
import { CategoryEntrants } from './category-entrants.js';
import { CategoryJudges } from './category-judges.js';
import { CategoryResults } from './category-results.js';
import { CategorySheets } from './category-sheets.js';

const parts = [
  { key: 'criteria', label: 'Criteria', Part: CategoryCriteria },
  { key: 'entrants', label: 'Entrants', Part: CategoryEntrants },
  { key: 'judges', label: 'Judges', Part: CategoryJudges, action: 'assignments.read' },
  { key: 'deductions', label: 'Deductions', Part: CategoryDeductions, action: 'deductions.read' },
  { key: 'sheets', label: 'Sheets', Part: CategorySheets, action: 'sheets.read' },
  { key: 'results', label: 'Results', Part: CategoryResults, action: 'results.read' },
];

/** Who sets the category up begins with its criteria, who watches it with the sheets. */
const firstPart = () => (!can('events.manage') && can('sheets.read') ? 'sheets' : 'criteria');

export function CategoryPage({ id, tab = firstPart() }) {
  const category = useResource(`/categories/${id}`);
  return html`<${Loaded} state=${category}>${(data) => html`
    <${Category} category=${data} tab=${tab} reload=${category.reload} />`}<//>`;
}

function Category({ category, tab, reload }) {
  const contest = useResource(`/contests/${category.contestId}`);
  const event = useResource(contest.data ? `/events/${contest.data.eventId}` : null);
  // The board of sheets shows what they lack, so a criterion that a colleague adds has to come up by itself.
  const criteria = useList(`/categories/${category.id}/criteria`, { refreshMs: 15_000 });
  const tabs = parts.filter(({ action }) => !action || can(action));
  const current = tabs.find(({ key }) => key === tab) ?? tabs[0];
  const frozen = freezer(['event', event.data], ['contest', contest.data], ['category', category]);
  const contestHref = `/contests/${category.contestId}`;
  const crumbs = [
    { label: 'Events', href: '#/' },
    event.data && { label: event.data.name, href: `#/events/${event.data.id}` },
    { label: contest.data?.name ?? 'Contest', href: `#${contestHref}` },
  ].filter(Boolean);
  return html`
    <${Page} title=${category.name} crumbs=${crumbs}
      badges=${html`<${Badge} icon="scale">${methods[category.method.type]?.label ?? category.method.type}<//>
        <${StateBadges} of=${category} />`}
      intro=${category.description && html`<p>${category.description}</p>`}
      actions=${html`<${ResourceActions} kind="category" resource=${category} onChanged=${reload} frozen=${frozen}
        context=${{ criteria: criteria.data }} onDeleted=${() => go(contestHref)} />`}>
      <${Tabs} label="Parts of the category" current=${current.key}
        tabs=${tabs.map(({ key, label }) => ({ key, label, href: `#/categories/${category.id}/${key}` }))} />
      <${FrozenNotice} by=${frozen} />
      <${current.Part} category=${category} criteria=${criteria} frozen=${Boolean(frozen)} />
    <//>`;
}
