/** Asks before a job is taken back, and says what that does. */
import { html, useState } from '../lib/view.js';
import { post } from '../lib/api.js';
import { titleOf, undoingMeans } from '../lib/job-words.js';
import { Button } from './button.js';
import { Dialog } from './dialog.js';
import { Problem } from './notice.js';

/** @param {{job: object, find: (id: string) => object|undefined, onDone: () => void, onClose: () => void}} props
 * `onDone`: the job that takes it back has begun */
export function UndoDialog({ job, find, onDone, onClose }) {
  const [error, setError] = useState(null);
  const [busy, setBusy] = useState(false);
  const run = async () => {
    if (busy) return;
    setBusy(true);
    try {
      await post(`/jobs/${job.id}/undo`);
      onDone();
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };
  return html`
    <${Dialog} title="Take this back?" onClose=${onClose} onSubmit=${run} footer=${html`
      <${Button} onClick=${onClose}>Cancel<//>
      <${Button} kind="primary" icon="undo-2" type="submit" busy=${busy} autofocus>Take it back<//>`}>
      <${Problem} error=${error} />
      <p><strong>${titleOf(job, find)}</strong></p>
      <p>${undoingMeans(job)} What somebody has changed since stays as it is, and is listed.</p>
      <p class="muted">A job does it; taking it back can be taken back, too.</p>
    <//>`;
}
