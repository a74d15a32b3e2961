/** A category as a judge sees it: the running order, and the sheet of one entrant at a time. */
import { html, useState } from '../lib/view.js';
import { loadDraft } from '../lib/drafts.js';
import { useResource } from '../lib/resource.js';
import { closure, progressOf } from '../lib/score-sheet.js';
import { session } from '../lib/session.js';
import { Badge, StateBadges } from '../components/badge.js';
import { Button } from '../components/button.js';
import { Icon } from '../components/icon.js';
import { Empty, Loaded, Notice } from '../components/notice.js';
import { Page } from '../components/page.js';
import { ScoreSheet } from './score-sheet.js';

export function JudgeCategoryPage({ id, entryId }) {
  const scoring = useResource(`/categories/${id}/scoring`, { refreshMs: 30_000, on: () => true });
  // What this device has just submitted is shown at once; the reload that follows only confirms it.
  const [own, setOwn] = useState({});
  const onSheet = (entry, sheet) => {
    setOwn((old) => ({ ...old, [entry]: sheet }));
    scoring.reload();
  };
  // A notice above the sheet would push it down under the judge’s thumb; the sheet itself tells about the network.
  const offline = Boolean(entryId && scoring.data && scoring.error?.status === 0);
  return html`
    <${Loaded} state=${offline ? { ...scoring, error: null } : scoring}>${(loaded) => {
      const entrants = loaded.entrants
        .map((entrant) => ({ ...entrant, sheet: newest(entrant.sheet, own[entrant.entryId]) }));
      const data = { ...loaded, entrants };
      const index = entrants.findIndex((entrant) => entrant.entryId === entryId);
      if (!entryId) return html`<${RunningOrder} scoring=${data} />`;
      if (index < 0) {
        return html`<${Page} title="Not in this category" crumbs=${[{ label: 'My judging', href: '#/judge' }]}>
          <${Empty} icon="users" title="This entrant does not take part any more" action=${html`
            <${Button} kind="primary" href="#/judge/categories/${id}">Go to the running order<//>`}>
            An organiser has taken it off the list. Marks that you entered for it stay on this device.<//><//>`;
      }
      return html`<${ScoreSheet} key=${entryId} scoring=${data} index=${index} offline=${offline}
        onSheet=${onSheet} reload=${scoring.reload} />`;
    }}<//>`;
}

const newest = (loaded, own) => (own && own.version > (loaded?.version ?? 0) ? own : loaded);

function RunningOrder({ scoring }) {
  const { category, contest, event, criteria, entrants } = scoring;
  const closed = closure(scoring);
  const judgeId = session.value.judge?.id;
  const rows = entrants.map((entrant) => ({
    ...entrant, progress: progressOf(entrant, loadDraft(judgeId, category.id, entrant.entryId), criteria),
  }));
  const next = rows.find(({ progress }) => progress.open);
  const href = (entrant) => `#/judge/categories/${category.id}/${entrant.entryId}`;
  return html`
    <${Page} title=${category.name} crumbs=${[{ label: 'My judging', href: '#/judge' }]}
      badges=${html`<${StateBadges} of=${category} />`}
      intro=${html`<p>${contest.name}, ${event.name}</p>
        ${category.description && html`<p>${category.description}</p>`}`}>
      ${closed && html`<${Notice} tone="warning" title=${closed.title}>
        <p>${closed.text} No sheet can be submitted now.</p><//>`}
      ${rows.length === 0 ? html`<${Empty} icon="users" title="Nobody to score yet">
          Entrants appear here in running order as soon as they are entered.<//>` : html`
        ${criteria.length === 0 ? html`<${Notice} tone="warning" title="This category has no criteria yet">
            <p>An organiser must add them before anybody can score.</p><//>`
          : next && html`<${Button} kind="primary wide" href=${href(next)}>
            ${next.progress.label === 'Not scored' ? 'Score' : 'Continue with'} ${next.number} · ${next.name}<//>`}
        <ol class="judge-list">${rows.map((entrant) => html`
          <li class="judge-card" key=${entrant.entryId}>
            <span class="entry-number">${entrant.number}</span>
            <div><h2><a class="card-link" href=${href(entrant)}>${entrant.name}</a></h2>
              <${Badge} tone=${entrant.progress.tone} icon=${entrant.progress.icon}>${entrant.progress.label}<//></div>
            <${Icon} name="chevron-right" />
          </li>`)}</ol>`}
    <//>`;
}
