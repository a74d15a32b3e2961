/** Says on every page that an operator acts in a tenant which is not their own, and ends it. */
import { html, useState } from '../lib/view.js';
import { endActing } from '../lib/acting.js';
import { formatDateTime } from '../lib/format.js';
import { session } from '../lib/session.js';
import { toastError } from '../lib/toasts.js';
import { Button } from './button.js';
import { Icon } from './icon.js';

export function ActingBanner() {
  const { acting, tenant } = session.value;
  const [busy, setBusy] = useState(false);
  if (!acting) return null;
  const end = async () => {
    setBusy(true);
    try {
      await endActing();
    } catch (error) {
      toastError(error);
      setBusy(false);
    }
  };
  return html`
    <aside class="acting" aria-label="Acting in another tenant">
      <${Icon} name="triangle-alert" />
      <div class="acting-text">
        <p><strong>You act in “${tenant.name}”</strong> since ${formatDateTime(acting.since)}</p>
        <p class="acting-reason" title=${acting.reason}>Reason: ${acting.reason}</p>
      </div>
      <${Button} busy=${busy} onClick=${end}>End<span class="visually-hidden"> acting in ${tenant.name}</span><//>
    </aside>`;
}
