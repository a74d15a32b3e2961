/** The dialog that makes an event once more, such as last year's for this year. */
import { html, useState } from '../lib/view.js';
import { post } from '../lib/api.js';
import { creation, faultsOf, toForm } from '../lib/form-values.js';
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
  const [values, setValues] = useState(() => ({ ...toForm(fields), name: event.name, timeZone: event.timeZone }));
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
      const made = await post(`/events/${event.id}/clone`, creation(fields, values));
      const [first] = made.results ?? [];
      // A large event is left to a job, which does not say what it makes.
      const job = made.results ? made.job : await ended(made);
      toastUndoable(`“${values.name}” is there, without any marks.`, job, () => go('/'));
      onClose();
      go(first ? `/events/${first.id}` : '/');
    } catch (failure) {
      setError(failure);
      setFaults(failure.errors ?? []);
      setBusy(false);
    }
  };
  return html`
    <${Dialog} title="“${event.name}” once more" onClose=${onClose} onSubmit=${run} footer=${html`
      <${Button} onClick=${onClose}>Cancel<//>
      <${Button} kind="primary" type="submit" busy=${busy}>Make it once more<//>`}>
      <${Problem} error=${error} known=${shownPointers(fields, faults)} />
      <p>A new event with the same contests, categories and criteria. Marks stay where they are.</p>
      <${Fields} fields=${fields} values=${values} onChange=${setValues} faults=${faults} />
    <//>`;
}
