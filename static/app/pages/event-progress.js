/** The progress of the night: how far every contest, category and judge is, to be read from across the room. */
import { html, useEffect, useState } from '../lib/view.js';
import { concerns } from '../lib/concerns.js';
import { count, formatAgo, formatExact } from '../lib/format.js';
import { awaited, behind, open, percent } from '../lib/progress.js';
import { useResource } from '../lib/resource.js';
import { Badge } from '../components/badge.js';
import { Empty, Loaded } from '../components/notice.js';
import { Page } from '../components/page.js';

const refreshMs = 10_000;

export function EventProgressPage({ id }) {
  const progress = useResource(`/events/${id}/progress`, { refreshMs, on: concerns({ eventId: id }) });
  return html`<${Loaded} state=${progress}>${(data) => html`<${Night} progress=${data} />`}<//>`;
}

function Night({ progress }) {
  const { event, contests } = progress;
  const crumbs = [{ label: 'Events', href: '#/' }, { label: event.name, href: `#/events/${event.id}` }];
  return html`
    <${Page} title="Progress of the night" crumbs=${crumbs}>
      ${progress.expected + progress.excused === 0
        ? html`<${Empty} icon="clipboard-list" title="No sheets are expected yet">
            Assign judges and enter contestants; this page then shows every sheet as it comes in.<//>`
        : html`
          <div class="night">
            <${Summary} progress=${progress} />
            ${contests.map((contest) => html`<${Contest} key=${contest.contest.id} contest=${contest} />`)}
          </div>`}
    <//>`;
}

function Summary({ progress }) {
  const waiting = awaited(progress.contests);
  return html`
    <section class="night-summary" aria-label="All contests">
      <p class="night-share"><strong>${percent(progress)} %</strong>
        <span>${progress.submitted} of ${count(progress.expected, 'sheet')}</span></p>
      <${Bar} tally=${progress} label="Sheets of all contests" />
      <div class="night-facts"><${State} tally=${progress} /><${LastSheet} at=${progress.lastSheetAt} /></div>
      ${waiting.length > 0 && html`
        <h2>Waiting for</h2>
        <ul class="night-waiting">${waiting.map((judge) => html`
          <li key=${judge.judgeId}><span>${judge.judgeName}</span> <strong>${judge.open}</strong></li>`)}</ul>`}
    </section>`;
}

function Contest({ contest: { contest, categories, ...tally } }) {
  return html`
    <section class="section night-contest">
      <header class="night-head"><h2>${contest.name}</h2><${Figures} tally=${tally} /></header>
      <${Bar} tally=${tally} label="Sheets of ${contest.name}" />
      <ul class="cards">${categories.map((category) => html`
        <${Category} key=${category.category.id} category=${category} />`)}</ul>
    </section>`;
}

function Category({ category: { category, judges, ...tally } }) {
  const gaps = behind(judges);
  return html`
    <li class="card night-category">
      <div class="night-head">
        <h3><a class="card-link" href="#/categories/${category.id}/sheets">${category.name}</a></h3>
        <${Figures} tally=${tally} />
      </div>
      <${Bar} tally=${tally} label="Sheets of ${category.name}" />
      <div class="badges"><${State} tally=${tally} /></div>
      <ul class="night-judges">${judges.map((judge, index) => html`
        <${Judge} key=${judge.judgeId} judge=${judge} behind=${gaps[index]} />`)}</ul>
      <${LastSheet} at=${tally.lastSheetAt} />
    </li>`;
}

function Judge({ judge, behind: gap }) {
  const atWork = judge.status === 'active';
  return html`
    <li>
      <span class="night-name">${judge.judgeName}
        ${gap > 0 && html` <${Badge} tone="warning" icon="clock">${gap} behind<//>`}
        ${!atWork && html` <${Badge}>${judge.status === 'ended' ? 'Has left' : 'Absent'}<//>`}</span>
      ${atWork ? html`<${Figures} tally=${judge} /><${Bar} tally=${judge} label="Sheets of ${judge.judgeName}" />`
        : html`<span class="muted">${judge.kept > 0 ? `${count(judge.kept, 'sheet')} kept` : 'none expected'}</span>`}
    </li>`;
}

const Figures = ({ tally }) => html`<span class="night-figures">${tally.submitted} of ${tally.expected}</span>`;

function Bar({ tally, label }) {
  return html`<progress class=${open(tally) === 0 ? 'done' : ''} max=${Math.max(tally.expected, 1)}
    value=${tally.expected === 0 ? 1 : tally.submitted} aria-label=${label} />`;
}

/** What deserves a second look: done, reopened, lacking marks, excused. */
function State({ tally: { expected, submitted, reopened, incomplete, excused } }) {
  return html`
    ${submitted === expected && reopened + incomplete === 0
      && html`<${Badge} tone="success" icon="check">All sheets are in<//>`}
    ${reopened > 0 && html`<${Badge} tone="accent" icon="lock-open">${reopened} reopened<//>`}
    ${incomplete > 0 && html`<${Badge} tone="warning" icon="triangle-alert">${incomplete} incomplete<//>`}
    ${excused > 0 && html`<${Badge}>${excused} excused<//>`}`;
}

function LastSheet({ at }) {
  const [, setRound] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setRound((n) => n + 1), 30_000);
    return () => clearInterval(timer);
  }, []);
  return at && html`<p class="night-last">Last sheet <time datetime=${at} title=${formatExact(at)}>${formatAgo(at)}</time></p>`;
}
