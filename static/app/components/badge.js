/** Small words that tell the state of something. */
import { html } from '../lib/view.js';
import { formatDateTime } from '../lib/format.js';
import { Icon } from './icon.js';

/** @param {{tone?: 'neutral'|'accent'|'success'|'warning'|'danger', icon?: string}} props */
export function Badge({ tone = 'neutral', icon, title, children }) {
  return html`<span class="badge ${tone}" title=${title}>${icon && html`<${Icon} name=${icon} size="s" />`}
    ${children}</span>`;
}

/** The badges of a locked, archived, deleted or hidden resource. */
export function StateBadges({ of: { lockedAt, archivedAt, deletedAt, hiddenBy } }) {
  const since = (instant) => `since ${formatDateTime(instant)}`;
  return html`
    ${lockedAt && html`<${Badge} icon="lock" tone="warning" title=${since(lockedAt)}>Locked<//>`}
    ${archivedAt && html`<${Badge} icon="archive" title=${since(archivedAt)}>Archived<//>`}
    ${deletedAt && html`<${Badge} icon="trash-2" tone="danger" title=${since(deletedAt)}>Deleted<//>`}
    ${hiddenBy && !deletedAt && html`
      <${Badge} icon="eye" tone="warning">Hidden: its ${hiddenBy.type} is deleted<//>`}`;
}
