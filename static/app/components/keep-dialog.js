/** The dialog that keeps the shape of an event, contest or category as a template. */
import { html } from '../lib/view.js';
import { post } from '../lib/api.js';
import { useForm } from '../lib/form.js';
import { creation, toForm } from '../lib/form-values.js';
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
  const initial = () => ({ ...toForm(fields), name: resource.name });
  const { values, setValues, faults, error, busy, submit } = useForm(fields, initial, async (filled) => {
    const { name } = await post(`${nouns[kind].item(resource.id)}/template`, creation(fields, filled));
    toast(`“${name}” is kept as a template.`, { action: { label: 'Templates', run: () => go('/templates') } });
    onClose();
  });
  return html`
    <${Dialog} title="Keep as template" onClose=${onClose} onSubmit=${submit} footer=${html`
      <${Button} onClick=${onClose}>Cancel<//>
      <${Button} kind="primary" type="submit" busy=${busy}>Keep<//>`}>
      <${Problem} error=${error} known=${shownPointers(fields, faults)} />
      <p>Keeps the shape of this ${kind}: what it consists of, with its criteria. People and marks are not part of it.</p>
      <${Fields} fields=${fields} values=${values} onChange=${setValues} faults=${faults} />
    <//>`;
}
