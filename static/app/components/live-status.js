/** Says, without getting into the way, that what is shown may be older than it looks. */
import { html } from '../lib/view.js';
import { connection } from '../lib/live.js';
import { Icon } from './icon.js';

export function LiveStatus() {
  const away = connection.value === 'reconnecting';
  return html`<p class="live-status" role="status">${away && html`
    <span><${Icon} name="wifi-off" size="s" />Reconnecting…</span>`}</p>`;
}
