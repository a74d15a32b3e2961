/** The dialog that changes what a delivery says which did not arrive, and sends it. */
import { html } from '../lib/view.js';
import { patch, post } from '../lib/api.js';
import { readable } from '../lib/delivery-words.js';
import { useForm } from '../lib/form.js';
import { go } from '../lib/router.js';
import { toast } from '../lib/toasts.js';
import { Button } from './button.js';
import { Dialog } from './dialog.js';
import { Fields, shownPointers } from './field.js';
import { Problem } from './notice.js';

const ofMessage = [
  { name: 'subject', label: 'Subject', type: 'text', required: true },
  { name: 'body', label: 'Text', type: 'textarea', rows: 8, required: true },
];
const ofCall = [
  {
    name: 'body', label: 'The event, as JSON', type: 'textarea', rows: 16, required: true,
    hint: 'The body of the call is made of it, by the template that the action has now.',
  },
];

/** @param {{delivery: object, onDone: () => void, onClose: () => void}} props */
export function RewriteDialog({ delivery, onDone, onClose }) {
  const { id, service, subject, body, version } = delivery;
  const [fields, first] = service === 'external_api' ? [ofCall, { body: readable(body) }] : [ofMessage, { subject, body }];
  const { values, setValues, faults, error, busy, submit } = useForm(fields, first, async (said) => {
    await patch(`/deliveries/${id}`, said, version);
    const again = await post(`/deliveries/${id}/replay`);
    toast('It is on its way as it is now.', {
      action: { label: 'Look at it', run: () => go(`/deliveries/${again.id}`) },
    });
    onDone();
  });
  return html`
    <${Dialog} title="Change what is sent" wide onClose=${onClose} onSubmit=${submit} footer=${html`
      <${Button} onClick=${onClose}>Cancel<//>
      <${Button} kind="primary" icon="send" type="submit" busy=${busy}>Send<//>`}>
      <${Problem} error=${error} known=${shownPointers(fields, faults)} />
      <${Fields} fields=${fields} values=${values} onChange=${setValues} faults=${faults} />
      <p>It is sent once more, under a name of its own. What it said before stays in the audit log.</p>
    <//>`;
}
