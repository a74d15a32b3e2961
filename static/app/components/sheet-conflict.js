/** Two sheets of the same judge for the same entrant: both are shown, nothing is overwritten unseen. */
import { html } from '../lib/view.js';
import { formatTime } from '../lib/format.js';
import { draftOf } from '../lib/score-sheet.js';
import { Button } from './button.js';
import { Dialog } from './dialog.js';
import { MarksList } from './marks-list.js';
import { Notice } from './notice.js';
import { RequestId } from './request-id.js';

/**
 * @param {{error: Error, criteria: object[], draft: object, onKeepStored: () => void, onUseMine: () => void,
 *   onClose: () => void}} props
 */
export function SheetConflict({ error, criteria, draft, onKeepStored, onUseMine, onClose }) {
  const { stored } = error.problem;
  const kept = draftOf(stored);
  const replaceable = stored.state === 'reopened';
  return html`
    <${Dialog} title="This sheet was already submitted" wide onClose=${onClose} kind="judge-dialog" footer=${html`
      <${Button} kind="quiet" onClick=${onClose}>Decide later<//>
      <${Button} onClick=${onKeepStored}>Keep the stored sheet<//>
      ${replaceable && html`<${Button} kind="primary" onClick=${onUseMine}>Submit mine instead<//>`}`}>
      <${Notice} tone="warning" title="Submitted for you on another device or tab at ${formatTime(stored.submittedAt)}">
        <p>${replaceable
          ? 'Nothing was overwritten. Compare the two and choose.'
          : 'Nothing was overwritten. The stored sheet is final. If yours is right, decide later: it stays on this '
            + 'device, and you can ask to reopen the stored one.'}</p>
        <p class="notice-meta">Request <${RequestId} id=${error.requestId} beside /></p>
      <//>
      <div class="side-by-side">
        <section><h3>Stored</h3><${MarksList} criteria=${criteria} marks=${kept.marks} comment=${kept.comment}
          other=${draft.marks} /></section>
        <section><h3>On this device</h3><${MarksList} criteria=${criteria} marks=${draft.marks}
          comment=${draft.comment} other=${kept.marks} /></section>
      </div>
    <//>`;
}
