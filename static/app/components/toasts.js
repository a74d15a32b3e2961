/** The corner where short messages appear; screen readers hear them. */
import { html } from '../lib/view.js';
import { dismiss, toasts } from '../lib/toasts.js';
import { Button, IconButton } from './button.js';
import { RequestId } from './request-id.js';

export function Toasts() {
  return html`
    <div class="toasts" role="status" aria-live="polite">
      ${toasts.value.map(({ id, text, action, requestId }) => html`
        <div class="toast" key=${id}>
          <span>${text}${requestId && html` <${RequestId} id=${requestId} beside />`}</span>
          ${action && html`<${Button} kind="quiet" onClick=${() => { dismiss(id); action.run(); }}>
            ${action.label}<//>`}
          <${IconButton} icon="x" label="Dismiss" onClick=${() => dismiss(id)} />
        </div>`)}
    </div>`;
}
