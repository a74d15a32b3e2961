/** The roles: who holds each of them, for what, and what it lets them do, as the permission table says. */
import { html } from '../lib/view.js';
import { list, words } from '../lib/format.js';
import { holdersOf } from '../lib/holders.js';
import { useList, useResource } from '../lib/resource.js';
import { roles } from '../lib/roles.js';
import { can } from '../lib/session.js';
import { Loaded } from '../components/notice.js';
import { Page, Section } from '../components/page.js';
import { Table } from '../components/table.js';

/** How far something reaches, in words behind it. */
const reach = { any: '', within: ', within what it is held for', own: '' };

export function RolesPage() {
  const users = useList('/users', { on: ({ type }) => type === 'user' });
  const tokens = useList(can('tokens.manage') ? '/tokens' : null, { on: ({ type }) => type === 'token' });
  const table = useResource('/roles', { still: true });
  const works = ({ revokedAt, expiresAt }) => !revokedAt && Date.parse(expiresAt) > Date.now();
  const programs = (tokens.data ?? []).filter(works).map((token) => ({ ...token, name: `${token.name} (API token)` }));
  return html`
    <${Page} title="Roles" crumbs=${[{ label: 'Users', href: '#/users' }]}
      intro=${html`<p>Who may do what. A role is given on an account, for the whole organisation or for one event or
        contest. Whoever judges by a personal link needs none.</p>`}>
      <${Loaded} state=${users}>${(people) => roles().map(([role, does]) => html`
        <${Role} key=${role} role=${role} does=${does} groups=${holdersOf(role, [...people, ...programs])}
          may=${table.data?.items.find((row) => row.role === role)?.may} />`)}<//>
    <//>`;
}

function Role({ role, does, groups, may }) {
  const columns = [
    { label: 'Held for', kind: 'main', cell: ({ scope }) => html`<${Scope} scope=${scope} />` },
    { label: 'By', cell: ({ names }) => list(names) },
  ];
  return html`
    <${Section} title=${words(role)}>
      <p class="muted role-does">Whoever has it ${does}.</p>
      ${groups.length > 0 ? html`<${Table} caption="Who holds the role ${words(role)}" columns=${columns} rows=${groups}
        rowKey=${({ key }) => key} />` : html`<p>Nobody holds it.</p>`}
      ${may && html`<details class="disclosure">
        <summary>What it allows<span class="visually-hidden">: ${words(role)}</span></summary>
        <ul class="allowed">${may.map(({ action, summary, relation }) => html`
          <li key=${action}>${summary.replace(/\.$/, '')}${reach[relation]}</li>`)}</ul>
      </details>`}
    <//>`;
}

/** What a role is held for, by name. */
function Scope({ scope: { type, id } }) {
  const thing = useResource(id ? `/${type}s/${id}` : null, { still: true });
  if (!id) return 'The whole organisation';
  if (thing.error) return `${words(type)} out of sight`;
  return html`${words(type)} <a href="#/${type}s/${id}">${thing.data?.name ?? '…'}</a>`;
}
