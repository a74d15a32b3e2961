/** What an organisation decides for itself. */
import { html, useState } from '../lib/view.js';
import { patch } from '../lib/api.js';
import { changes, toForm } from '../lib/form-values.js';
import { useResource } from '../lib/resource.js';
import { toast } from '../lib/toasts.js';
import { Button } from '../components/button.js';
import { Fields, shownPointers } from '../components/field.js';
import { Loaded, Problem } from '../components/notice.js';
import { Page, Section } from '../components/page.js';
import { LogoSetting, looks, useLivePreview } from './settings-branding.js';

const fields = [...looks, {
  name: 'language', label: 'Language of messages', type: 'text',
  hint: 'A code such as de or de-AT. Empty for English.',
}, {
  name: 'twoPersonUnlock', label: 'Two people unlock events and contests', type: 'checkbox', initial: false,
  hint: 'One asks with a reason, another administrator, organizer or board member approves. The audit log names both.',
}];

export function SettingsPage() {
  const settings = useResource('/settings', { still: true });
  return html`
    <${Page} title="Settings" intro=${html`<p>What holds in the whole organisation.</p>`}>
      <${Loaded} state=${settings}>${(data) => html`
        <${Form} key=${data.version} settings=${data} onSaved=${settings.reload} />`}<//>
      <${Section} title="Logo"><${LogoSetting} /><//>
    <//>`;
}

function Form({ settings, onSaved }) {
  const [values, setValues] = useState(toForm(fields, settings));
  const [error, setError] = useState(null);
  const [busy, setBusy] = useState(false);
  useLivePreview(values);
  const save = async (event) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await patch('/settings', changes(fields, values, settings), settings.version);
      toast('Settings saved.');
      onSaved();
    } catch (failure) {
      setError(failure);
    }
    setBusy(false);
  };
  const faults = error?.errors ?? [];
  return html`
    <form noValidate class="settings" onSubmit=${save}>
      <${Problem} error=${error} known=${shownPointers(fields, faults)} />
      <${Fields} fields=${fields} values=${values} onChange=${setValues} faults=${faults} />
      <${Button} kind="primary" type="submit" busy=${busy}>Save<//>
    </form>`;
}
