/** The last look at a whole sheet before it is final. */
import { html } from '../lib/view.js';
import { Button } from './button.js';
import { Dialog } from './dialog.js';
import { MarksList } from './marks-list.js';
import { Problem } from './notice.js';

/** @param {{entrant: object, criteria: object[], draft: object, error: Error|null, busy: boolean,
 *   onSubmit: () => void, onClose: () => void}} props */
export function ReviewDialog({ entrant, criteria, draft, error, busy, onSubmit, onClose }) {
  return html`
    <${Dialog} title="Review your sheet" onClose=${onClose} onSubmit=${onSubmit} kind="judge-dialog" footer=${html`
      <${Button} onClick=${onClose}>Go back<//>
      <${Button} kind="primary" icon="send" type="submit" busy=${busy}>Submit, final<//>`}>
      <${Problem} error=${error}>${error && html`<p>Your marks are safe on this device.</p>`}<//>
      <p class="review-who"><span class="entry-number">${entrant.number}</span><strong>${entrant.name}</strong></p>
      <${MarksList} criteria=${criteria} marks=${draft.marks} comment=${draft.comment} />
      <p class="muted">Once submitted you cannot change it, unless an official reopens it.</p>
    <//>`;
}
