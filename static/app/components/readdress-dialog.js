/** The dialog that gives a message which did not arrive another recipient, and sends it there. */
import { html } from '../lib/view.js';
import { patch, post } from '../lib/api.js';
import { useForm } from '../lib/form.js';
import { go } from '../lib/router.js';
import { toast } from '../lib/toasts.js';
import { Button } from './button.js';
import { Dialog } from './dialog.js';
import { Fields, shownPointers } from './field.js';
import { Problem } from './notice.js';

const kinds = {
  email: { label: 'Mail address', type: 'email' },
  sms: { label: 'Telephone', type: 'tel', hint: 'With + and the country code in front, such as +43 1 234567.' },
};

/** @param {{delivery: object, onDone: () => void, onClose: () => void}} props */
export function ReaddressDialog({ delivery, onDone, onClose }) {
  const { id, service, recipient, version } = delivery;
  const fields = [{ name: 'to', required: true, ...kinds[service] }];
  const { values, setValues, faults, error, busy, submit } = useForm(fields, { to: recipient.address }, async ({ to }) => {
    await patch(`/deliveries/${id}`, { to: to.trim() }, version);
    const again = await post(`/deliveries/${id}/replay`);
    toast('It is on its way to the new recipient.', {
      action: { label: 'Look at it', run: () => go(`/deliveries/${again.id}`) },
    });
    onDone();
  });
  return html`
    <${Dialog} title="Send to somebody else" onClose=${onClose} onSubmit=${submit} footer=${html`
      <${Button} onClick=${onClose}>Cancel<//>
      <${Button} kind="primary" icon="send" type="submit" busy=${busy}>Send<//>`}>
      <${Problem} error=${error} known=${shownPointers(fields, faults)} />
      <${Fields} fields=${fields} values=${values} onChange=${setValues} faults=${faults} />
      <p>It goes there once more. The address of before stays in the audit log.</p>
    <//>`;
}
