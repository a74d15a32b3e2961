/** A judge's first page: the categories to score, and how far each is. */
import { html } from '../lib/view.js';
import { count } from '../lib/format.js';
import { useResource } from '../lib/resource.js';
import { session } from '../lib/session.js';
import { Badge, StateBadges } from '../components/badge.js';
import { Icon } from '../components/icon.js';
import { Empty, Loaded } from '../components/notice.js';
import { Page } from '../components/page.js';

export function JudgeHomePage() {
  const linked = Boolean(session.value.judge);
  const categories = useResource(linked ? '/me/categories' : null, { refreshMs: 30_000, on: () => true });
  return html`
    <${Page} title="My judging">
      ${linked ? html`<${Loaded} state=${categories}>${({ items }) => html`<${Categories} items=${items} />`}<//>`
        : html`<${Empty} icon="link" title="Your account is not linked to a judge">
            Ask an organiser to open Judges, edit your name there and choose this account.<//>`}
    <//>`;
}

function Categories({ items }) {
  if (items.length === 0) {
    return html`<${Empty} icon="scale" title="Nothing to score yet">
      As soon as an organiser assigns you to a category, it appears here.<//>`;
  }
  const byEvent = grouped(items);
  return [...byEvent.values()].map((group) => html`
    <section class="section" key=${group[0].event.id}>
      <h2>${group[0].event.name}</h2>
      <ul class="judge-list">${group.map((item) => html`<${CategoryCard} key=${item.assignmentId} item=${item} />`)}
      </ul>
    </section>`);
}

function grouped(items) {
  const groups = new Map();
  for (const item of items) groups.set(item.event.id, [...(groups.get(item.event.id) ?? []), item]);
  return groups;
}

function CategoryCard({ item: { category, contest, entrants, submitted, incomplete, status } }) {
  const done = entrants > 0 && submitted >= entrants && incomplete === 0;
  return html`
    <li class="judge-card">
      <div>
        <h3><a class="card-link" href="#/judge/categories/${category.id}">${category.name}</a></h3>
        <p class="muted">${contest.name}</p>
        <div class="badges">
          ${done && html`<${Badge} tone="success" icon="check">All submitted<//>`}
          ${incomplete > 0 && status === 'active' && html`<${Badge} tone="warning" icon="circle-alert">
            Marks missing on ${count(incomplete, 'sheet')}<//>`}
          ${status !== 'active' && html`<${Badge}>${status === 'ended' ? 'You have left' : 'Marked absent'}<//>`}
          <${StateBadges} of=${category} />
        </div>
        <progress max=${Math.max(entrants, 1)} value=${submitted} aria-label="Sheets submitted" />
        <p class="facts"><span>${submitted} of ${count(entrants, 'sheet')} submitted</span></p>
      </div>
      <${Icon} name="chevron-right" />
    </li>`;
}
