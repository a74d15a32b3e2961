/** What works behind the answers: how far each job is, what it could not do, stopping it and taking it back. */
import { html, useState } from '../lib/view.js';
import { post } from '../lib/api.js';
import { turnsJobs } from '../lib/concerns.js';
import { jobStates } from '../lib/job-words.js';
import { useList, usePages } from '../lib/resource.js';
import { go, place } from '../lib/router.js';
import { can } from '../lib/session.js';
import { toast, toastError } from '../lib/toasts.js';
import { whoIn } from '../lib/who.js';
import { Button } from '../components/button.js';
import { Field } from '../components/field.js';
import { JobItem } from '../components/job-item.js';
import { Empty, Loaded } from '../components/notice.js';
import { Page } from '../components/page.js';
import { UndoDialog } from '../components/undo-dialog.js';

const stateField = {
  name: 'state', label: 'Show', type: 'select', required: true,
  options: [{ value: '', label: 'All jobs' }, ...jobStates],
};

export function JobsPage() {
  const state = place.value.query.get('state') ?? '';
  const jobs = usePages(`/jobs${state && `?state=${state}`}`, { on: turnsJobs });
  const users = useList(can('users.read') ? '/users' : null);
  const [undoing, setUndoing] = useState(null);
  const who = whoIn(users.data ?? []);
  const cancel = async (job) => {
    try {
      const { state: now } = await post(`/jobs/${job.id}/cancel`);
      toast(now === 'cancelled' ? 'Stopped. What it had done stays.' : 'It was over already.');
    } catch (error) {
      toastError(error);
    }
    jobs.reload();
  };
  const begun = () => {
    setUndoing(null);
    jobs.reload();
  };
  return html`
    <${Page} title="Jobs" intro=${html`<p>Many changes at once, and work that takes longer. What a job did can be taken
      back; the log of it stays.</p>`}>
      <div class="toolbar filter"><${Field} field=${stateField} value=${state}
        onChange=${(value) => go(value ? `/jobs?state=${value}` : '/jobs', { replace: true })} />
        <${Button} icon="refresh-cw" onClick=${jobs.reload}>Refresh<//></div>
      <${Loaded} state=${jobs}>${(items) => (items.length === 0 && !jobs.loadMore
        ? html`<${Empty} icon="clipboard-list" title=${state ? 'No job is in this state' : 'No jobs yet'}>
            Whoever deletes, restores or adds many things at once finds it here, and can take it back.<//>`
        : html`<ul class="stack">${items.map((job) => html`
          <${JobItem} key=${job.id} job=${job} find=${(id) => items.find((other) => other.id === id)} who=${who}
            onCancel=${cancel} onUndo=${setUndoing} onOver=${jobs.reload} />`)}</ul>
          ${jobs.loadMore && html`<div class="load-more"><${Button} onClick=${jobs.loadMore}>Show more<//></div>`}`)}<//>
      ${undoing && html`<${UndoDialog} job=${undoing} find=${(id) => jobs.data.find((other) => other.id === id)}
        onDone=${begun} onClose=${() => setUndoing(null)} />`}
    <//>`;
}
