/** The corner where short messages appear; screen readers hear them. */
import { html } from '../lib/view.js';
import { dismiss, toasts } from '../lib/toasts.js';
import { Button, IconButton } from './button.js';

export function Toasts() {
  return html`
    <div class="toasts" role="status" aria-live="polite">
      ${toasts.value.map(({ id, text, action }) => html`
        <div class="toast" key=${id}>
          <span>${text}</span>
          ${action && html`<${Button} kind="quiet" onClick=${() => { dismiss(id); action.run(); }}>
            ${action.label}<//>`}
          <${IconButton} icon="x" label="Dismiss" onClick=${() => dismiss(id)} />
        </div>`)}
    </div>`;
}
