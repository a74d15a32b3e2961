/** The dialog that keeps the shape of an event, contest or category as a template. */
import { html, useState } from '../lib/view.js';
import { post } from '../lib/api.js';
import { creation, faultsOf, toForm } from '../lib/form-values.js';
import { fieldsOf, nouns } from '../lib/nouns.js';
import { go } from '../lib/router.js';
import { toast } from '../lib/toasts.js';
import { Button } from './button.js';
import { Dialog } from './dialog.js';
import { Fields, shownPointers } from './field.js';
import { Problem } from './notice.js';

/** @param {{kind: 'event'|'contest'|'category', resource: {id: string, name: string}, onClose: () => void}} props */
export function KeepDialog({ kind, resource, onClose }) {
  const fields = fieldsOf('template', 'create');
  const [values, setValues] = useState(() => ({ ...toForm(fields), name: resource.name }));
  const [faults, setFaults] = useState([]);
  const [error, setError] = useState(null);
  const [busy, setBusy] = useState(false);
  const run = async () => {
    const found = faultsOf(fields, values);
    setFaults(found);
    setError(null);
    if (found.length > 0 || busy) return;
    setBusy(true);
    try {
      const { name } = await post(`${nouns[kind].item(resource.id)}/template`, creation(fields, values));
      toast(`“${name}” is kept as a template.`, { action: { label: 'Templates', run: () => go('/templates') } });
      onClose();
    } catch (failure) {
      setError(failure);
      setFaults(failure.errors ?? []);
      setBusy(false);
    }
  };
  return html`
    <${Dialog} title="Keep as template" onClose=${onClose} onSubmit=${run} footer=${html`
      <${Button} onClick=${onClose}>Cancel<//>
      <${Button} kind="primary" type="submit" busy=${busy}>Keep<//>`}>
      <${Problem} error=${error} known=${shownPointers(fields, faults)} />
      <p>Keeps the shape of this ${kind}: what it consists of, with its criteria. People and marks are not part of it.</p>
      <${Fields} fields=${fields} values=${values} onChange=${setValues} faults=${faults} />
    <//>`;
}
