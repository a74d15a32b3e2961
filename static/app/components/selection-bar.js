/** What can be done with the chosen items of a list. It stays in sight while the list scrolls. */
import { html } from '../lib/view.js';
import { Button } from './button.js';

/** @param {{selection: object}} props as `useSelection` gives it; the actions stand within */
export function SelectionBar({ selection: { selected, total, chooseAll, clear }, children }) {
  const some = selected.length > 0;
  return html`
    <div class="selection-bar ${some ? '' : 'none'}">
      <p role="status">${some && html`<strong>${selected.length}</strong> of ${total} selected`}</p>
      ${some && html`<div class="actions">
        ${selected.length < total && html`<${Button} kind="quiet" onClick=${() => chooseAll(true)}>Select all<//>`}
        <${Button} kind="quiet" onClick=${clear}>Select none<//>
        ${children}
      </div>`}
    </div>`;
}
