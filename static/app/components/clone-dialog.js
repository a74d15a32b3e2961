/** The dialog that makes an event once more, such as last year's for this year. */
import { html } from '../lib/view.js';
import { post } from '../lib/api.js';
import { useForm } from '../lib/form.js';
import { creation, toForm } from '../lib/form-values.js';
import { ended, toastUndoable } from '../lib/job.js';
import { go } from '../lib/router.js';
import { Button } from './button.js';
import { Dialog } from './dialog.js';
import { Fields, shownPointers } from './field.js';
import { Problem } from './notice.js';

const fields = [
  { name: 'name', label: 'Name', type: 'text', required: true },
  { name: 'startsAt', label: 'Starts', type: 'datetime' },
  { name: 'entries', label: 'Take along entries', type: 'checkbox', initial: false,
    hint: 'With their numbers, and the lists of who takes part in which category.' },
  { name: 'judges', label: 'Take along judges', type: 'checkbox', initial: false,
    hint: 'Whoever judges a category judges it again.' },
];

/** @param {{event: {id: string, name: string, timeZone?: string}, onClose: () => void}} props */
export function CloneDialog({ event, onClose }) {
  const initial = () => ({ ...toForm(fields), name: event.name, timeZone: event.timeZone });
  const { values, setValues, faults, error, busy, submit } = useForm(fields, initial, async (filled) => {
    const made = await post(`/events/${event.id}/clone`, creation(fields, filled));
    // A large event is left to a job.
    const job = made.results ? made.job : await ended(made);
    toastUndoable(`“${filled.name}” is there, without any marks.`, job, () => go('/'));
    onClose();
    go(`/events/${job.task.makes.id}`);
  });
  return html`
    <${Dialog} title="“${event.name}” once more" onClose=${onClose} onSubmit=${submit} footer=${html`
      <${Button} onClick=${onClose}>Cancel<//>
      <${Button} kind="primary" type="submit" busy=${busy}>Make it once more<//>`}>
      <${Problem} error=${error} known=${shownPointers(fields, faults)} />
      <p>A new event with the same contests, categories and criteria. Marks stay where they are.</p>
      <${Fields} fields=${fields} values=${values} onChange=${setValues} faults=${faults} />
    <//>`;
}
