/** Keeps an alert silent for a while, for a reason. */
import { html, useState } from '../lib/view.js';
import { post } from '../lib/api.js';
import { formatDateTime } from '../lib/format.js';
import { Field } from './field.js';
import { ReasonDialog } from './reason-dialog.js';

const minute = 60_000;
const spans = [
  { value: '60', label: 'An hour' }, { value: '240', label: 'Four hours' }, { value: '1440', label: 'A day' },
  { value: '10080', label: 'A week' },
];

/** @param {{alert: object, onDone: () => void, onClose: () => void}} props */
export function SilenceDialog({ alert: { title, rule, subject }, onDone, onClose }) {
  const [span, setSpan] = useState(spans[0].value);
  const until = () => new Date(Date.now() + Number(span) * minute).toISOString();
  const field = {
    name: 'span', label: 'For how long', type: 'select', required: true, options: spans,
    hint: `Until ${formatDateTime(until())}.`,
  };
  return html`
    <${ReasonDialog} title="Keep silent: ${title}" action="Keep silent" onClose=${onClose} onDone=${onDone}
      run=${(reason) => post('/silences', { rule, ...(subject && { subject }), reason, until: until() })}>
      <p>It is noted all the same, and nobody is told. Other alerts are told as ever.</p>
      <${Field} field=${field} value=${span} onChange=${setSpan} />
    <//>`;
}
