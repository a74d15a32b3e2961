/** Whether an organisation gives out files that no scanner has seen. */
import { html } from '../lib/view.js';
import { patch } from '../lib/api.js';
import { useResource } from '../lib/resource.js';
import { can } from '../lib/session.js';
import { toast, toastError } from '../lib/toasts.js';
import { Field } from './field.js';
import { Loaded } from './notice.js';

const field = {
  name: 'fileScan', label: 'Files of this organisation', type: 'select', required: true,
  options: [
    { value: 'whenConfigured', label: 'Scanned if there is a scanner' },
    { value: 'required', label: 'Given out only once scanned' },
  ],
  hint: 'While they must be scanned and no scanner is set up, new files wait until one is.',
};

export function ScanPolicy() {
  const settings = useResource('/settings');
  const choose = async (fileScan) => {
    try {
      await patch('/settings', { fileScan }, settings.data.version);
      toast('Chosen, from now on.');
    } catch (error) {
      toastError(error);
    }
    settings.reload();
  };
  return html`<${Loaded} state=${settings}>${({ fileScan = 'whenConfigured' }) => (can('settings.manage')
    ? html`<${Field} field=${field} value=${fileScan} onChange=${choose} />`
    : html`<p>${field.label}: ${field.options.find(({ value }) => value === fileScan).label.toLowerCase()}.</p>`)}<//>`;
}
