/** The sessions of an account, and ending them. */
import { html, useState } from '../lib/view.js';
import { remove } from '../lib/api.js';
import { formatAgo, formatDateTime } from '../lib/format.js';
import { useResource } from '../lib/resource.js';
import { browserName } from '../lib/user-agent.js';
import { Badge } from './badge.js';
import { IconButton } from './button.js';
import { Loaded, Problem } from './notice.js';
import { Table } from './table.js';

/** @param {{path: string}} props where the sessions are */
export function useSessions(path) {
  const sessions = useResource(path);
  return { ...sessions, items: sessions.data?.items ?? [], path };
}

/** @param {{sessions: ReturnType<typeof useSessions>}} props */
export function SessionTable({ sessions }) {
  const [error, setError] = useState(null);
  const end = async ({ id }) => {
    setError(null);
    try {
      await remove(`${sessions.path}/${id}`);
    } catch (failure) {
      if (failure.status !== 404) setError(failure);
    }
    sessions.reload();
  };
  const columns = [
    { label: 'Browser', kind: 'main', cell: ({ userAgent, clientAddress }) => html`
      ${browserName(userAgent)}<small>${clientAddress ?? 'unknown address'}</small>` },
    { label: 'Signed in', cell: ({ createdAt }) => formatDateTime(createdAt) },
    { label: 'Last used', cell: ({ lastUsedAt }) => formatAgo(lastUsedAt) },
    { label: 'Actions', kind: 'row-actions', cell: (line) => (line.current
      ? html`<${Badge} tone="accent">This one<//>` : html`
      <${IconButton} icon="log-out" label="Sign out ${browserName(line.userAgent)} of ${formatDateTime(line.createdAt)}"
        onClick=${() => end(line)} />`) },
  ];
  return html`
    <${Problem} error=${error} />
    <${Loaded} state=${sessions}>${({ items }) => (items.length === 0 ? html`<p>Signed in nowhere.</p>`
      : html`<${Table} caption="Sessions" columns=${columns} rows=${items} />`)}<//>`;
}
