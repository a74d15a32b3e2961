/** The dialog that makes what a template describes; a contest or category goes into what is chosen by search. */
import { html, useState } from '../lib/view.js';
import { post } from '../lib/api.js';
import { addressOfHit } from '../lib/hits.js';
import { ended, toastUndoable } from '../lib/job.js';
import { go } from '../lib/router.js';
import { madeBy, parentOf, shapeOf } from '../lib/templates.js';
import { Button } from './button.js';
import { Dialog } from './dialog.js';
import { Field } from './field.js';
import { Finder } from './finder.js';
import { Problem } from './notice.js';

/** @param {{template: {id: string, name: string, parts: object[]}, lead?: any, onClose: () => void}} props */
export function TemplateDialog({ template, lead, onClose }) {
  const kind = madeBy(template);
  const within = parentOf[kind];
  const [name, setName] = useState(template.name);
  const [parent, setParent] = useState(null);
  const [error, setError] = useState(null);
  const [fault, setFault] = useState(null);
  const [busy, setBusy] = useState(false);
  const run = async () => {
    setFault(name.trim() ? null : 'Please fill this in.');
    if (!name.trim() || busy || (within && !parent)) return;
    setBusy(true);
    try {
      const made = await post(`/templates/${template.id}/apply`, {
        name: name.trim(), ...(parent && { parent: parent.id }),
      });
      const job = made.results ? made.job : await ended(made);
      toastUndoable(`“${name.trim()}” is there.`, job, () => go(parent ? addressOfHit(parent) : '/'));
      onClose();
      go(addressOfHit(job.task.makes));
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };
  return html`
    <${Dialog} title="New ${kind} from “${template.name}”" onClose=${onClose} onSubmit=${run} footer=${html`
      <${Button} onClick=${onClose}>Cancel<//>
      <${Button} kind="primary" type="submit" busy=${busy} disabled=${within && !parent}>Create ${kind}<//>`}>
      <${Problem} error=${error} />
      ${lead}
      <p>${shapeOf(template)}. All of it can be changed afterwards.</p>
      ${within && (parent
        ? html`<p class="chosen"><span>In ${parent.type} <strong>${parent.name}</strong></span>
            <${Button} kind="quiet" onClick=${() => setParent(null)}>Choose another<//></p>`
        : html`<${Finder} label="In which ${within}?" kind=${within} onChoose=${setParent} />`)}
      <${Field} field=${{ name: 'name', label: 'Name', type: 'text', required: true }} value=${name} onChange=${setName}
        fault=${fault} autofocus=${!within} />
    <//>`;
}
