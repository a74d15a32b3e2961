/** What a contest lacks before the show. */
import { html } from '../lib/view.js';
import { count, sentence } from '../lib/format.js';
import { useResource } from '../lib/resource.js';
import { Badge } from './badge.js';

/** Where something that is lacking can be given. */
const places = {
  category: (id) => `#/categories/${id}`, contest: (id) => `#/contests/${id}/entries`, judge: () => '#/judges',
  entry: (_, contest) => `#/contests/${contest}/entries`,
};

/** @param {{contest: {id: string}}} props */
export function Readiness({ contest }) {
  const { data } = useResource(`/contests/${contest.id}/readiness`, { refreshMs: 30_000 });
  if (!data || data.findings.length === 0) return null;
  const blockers = data.findings.filter(({ severity }) => severity === 'blocker').length;
  return html`
    <details class="disclosure readiness"><summary>
      ${blockers > 0 ? html`<${Badge} tone="danger" icon="circle-alert">Not ready<//>`
        : html`<${Badge} tone="warning" icon="triangle-alert">Ready, with warnings<//>`}
      ${' '}${count(data.findings.length, 'thing')} to see to before the show</summary>
      <ul class="rows">${data.findings.map(({ code, severity, kind, id, name, detail }) => html`
        <li key=${code + id}>
          <span><a href=${places[kind](id, contest.id)}>${name}</a>: ${sentence(detail)}</span>
          <${Badge} tone=${severity === 'blocker' ? 'danger' : 'warning'}>
            ${severity === 'blocker' ? 'Must be' : 'Should be'}<//>
        </li>`)}</ul>
    </details>`;
}
