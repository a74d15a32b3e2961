/** The dialog that destroys something in the trash for good: what goes, its name typed, and how far it is. */
import { html, useEffect, useState } from '../lib/view.js';
import { post } from '../lib/api.js';
import { isOver, progressOf, summaryOf } from '../lib/job-words.js';
import { belowInWords } from '../lib/kinds.js';
import { useResource } from '../lib/resource.js';
import { toast } from '../lib/toasts.js';
import { useJob } from '../lib/use-job.js';
import { Button } from './button.js';
import { Dialog } from './dialog.js';
import { Field } from './field.js';
import { Loaded, Notice, Problem } from './notice.js';
import { ProgressBar } from './progress-bar.js';

/** @param {{item: object, onDone: () => void, onClose: () => void}} props `item` is a line of the trash */
export function PurgeDialog({ item, onDone, onClose }) {
  const [job, setJob] = useState(null);
  return job ? html`<${Destroying} item=${item} begun=${job} onDone=${onDone} />`
    : html`<${Asking} item=${item} onBegun=${setJob} onClose=${onClose} />`;
}

function Asking({ item, onBegun, onClose }) {
  const below = useResource(`/trash/${item.version}/below`, { still: true });
  const [name, setName] = useState('');
  const [fault, setFault] = useState(null);
  const [error, setError] = useState(null);
  const [busy, setBusy] = useState(false);
  const run = async () => {
    const right = name.trim() === item.name;
    setFault(right ? null : `Please type “${item.name}”, exactly as it stands there.`);
    if (!right || busy) return;
    setBusy(true);
    try {
      onBegun(await post(`/trash/${item.version}/purge`, { name: item.name }));
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };
  const field = {
    name: 'name', label: 'Type its name to confirm', type: 'text', required: true, hint: `Its name is “${item.name}”.`,
  };
  return html`
    <${Dialog} title="Destroy “${item.name}” for good?" onClose=${onClose} onSubmit=${run} footer=${html`
      <${Button} onClick=${onClose}>Cancel<//>
      <${Button} kind="danger" icon="trash-2" type="submit" busy=${busy} disabled=${below.data === undefined}>
        Destroy for good<//>`}>
      <${Problem} error=${error} />
      <${Loaded} state=${below}>${(data) => html`
        <${Notice} tone="danger" title="This cannot be undone">
          <p>The ${item.kind} is destroyed${belowInWords(data)
            ? html`, and with it <strong>${belowInWords(data)}</strong>` : '; nothing hangs below it'}.
            Nobody can bring it back, not even from the trash.</p><//>`}<//>
      <p>The audit log keeps that it was there and who destroyed it; of a person it keeps no names.</p>
      <${Field} field=${field} value=${name} onChange=${setName} fault=${fault} autofocus />
    <//>`;
}

function Destroying({ item, begun, onDone }) {
  const { job, error } = useJob(begun);
  const over = isOver(job);
  useEffect(() => {
    if (job.state !== 'done') return;
    toast(`“${item.name}” is destroyed.`);
    onDone();
  }, [job.state]);
  return html`
    <${Dialog} title="Destroying “${item.name}”" onClose=${onDone} footer=${html`
      <${Button} autofocus onClick=${onDone}>Close<//>`}>
      <${Problem} error=${error} />
      <${ProgressBar} label="Destroying" ...${progressOf(job)} />
      <p role="status">${over ? summaryOf(job) : 'It goes on when this is closed, and is listed under Jobs.'}</p>
    <//>`;
}
