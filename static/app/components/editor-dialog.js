/** The dialog that creates or edits any noun, from the fields that `lib/nouns.js` lists. */
import { html, useMemo, useState } from '../lib/view.js';
import { get, patch, post } from '../lib/api.js';
import { changes, creation, faultsOf, rebase, toForm } from '../lib/form-values.js';
import { capitalised } from '../lib/format.js';
import { fieldsOf, nouns } from '../lib/nouns.js';
import { toast } from '../lib/toasts.js';
import { Button } from './button.js';
import { Dialog } from './dialog.js';
import { Fields, shownPointers } from './field.js';
import { Notice, Problem } from './notice.js';
import { PlacesAtStake } from './places-at-stake.js';
import { RequestId } from './request-id.js';

/**
 * @param {{
 *   kind: string, parentId?: string, resource?: object, initial?: object, choices?: string, without?: string[],
 *   context?: object, onDone: (resource: object) => void, onClose: () => void,
 *   also?: (saved: object) => Promise<void>, extra?: any, lead?: any,
 * }} props with `resource` it is edited, otherwise one is created beneath `parentId`, beginning with the values in
 * `initial`; `also` does what belongs to saving beyond the resource itself; `without` are ids a choice does not
 * offer; `context` is handed to group fields; `lead` stands above the fields, `extra` beneath them
 */
export function EditorDialog({
  kind, parentId, resource, initial, choices, without, context, onDone, onClose, also, extra, lead,
}) {
  const noun = nouns[kind];
  const fields = useMemo(() => fieldsOf(kind, resource ? 'edit' : 'create', choices)
    .map((field) => ({ ...field, without, context })), [kind, choices, context]);
  const [stored, setStored] = useState(resource);
  const [values, setValues] = useState(() => ({ ...toForm(fields, resource), ...initial }));
  const [faults, setFaults] = useState([]);
  const [error, setError] = useState(null);
  const [meanwhile, setMeanwhile] = useState(null);
  const [busy, setBusy] = useState(false);
  // Kept so that a second try after a failing `also` does not create the same thing again.
  const [created, setCreated] = useState(null);

  const atStake = error?.code === 'confirmation_required';
  const save = async () => {
    const found = faultsOf(fields, values);
    setFaults(found);
    const confirm = atStake ? '?confirm=true' : '';
    setError(null);
    if (found.length > 0 || busy) return;
    setBusy(true);
    try {
      const saved = stored
        ? await patch(`${noun.item(stored.id)}${confirm}`, changes(fields, values, stored), stored.version)
        : created ?? await post(`${noun.collection(parentId)}${confirm}`, creation(fields, values));
      if (!stored) setCreated(saved);
      await also?.(saved);
      toast(`${capitalised(noun.one)} ${stored ? 'saved' : 'created'}.`);
      onDone(saved);
    } catch (failure) {
      setError(failure);
      setFaults(failure.errors ?? []);
      setBusy(false);
    }
  };

  const takeOver = async () => {
    try {
      const fresh = await get(noun.item(stored.id));
      const merged = rebase(fields, values, stored, fresh);
      setStored(fresh);
      setValues(merged.values);
      setMeanwhile({ fresh: toForm(fields, fresh), theirs: merged.theirs });
      setError(null);
    } catch (failure) {
      setError(failure);
    }
  };

  const stale = error?.code === 'version_mismatch';
  const footer = html`
    <${Button} onClick=${onClose}>Cancel<//>
    <${Button} kind="primary" type="submit" busy=${busy} disabled=${stale}>
      ${stored ? 'Save' : `Create ${noun.one}`}${atStake ? ' anyway' : ''}<//>`;
  return html`
    <${Dialog} title=${stored ? `Edit ${noun.one}` : `New ${noun.one}`} onClose=${onClose} onSubmit=${save}
      footer=${footer}>
      ${stale ? html`
        <${Notice} tone="warning" role="alert" title="Somebody else has changed this ${noun.one} meanwhile">
          <p>Reload to see the change; what you typed stays.</p>
          <${Button} icon="refresh-cw" onClick=${takeOver}>Reload<//>
          <p class="notice-meta">Request <${RequestId} id=${error.requestId} beside /></p>
        <//>` : atStake ? html`<${PlacesAtStake} changes=${error.problem.changes}
          title="Sheets have been submitted already" when="With this" />`
        : html`<${Problem} error=${error} known=${shownPointers(fields, faults)} />`}
      ${meanwhile && html`<${Notice} tone="warning" role="status" title="Reloaded; your edits are kept">
        ${meanwhile.theirs.length > 0 && html`<ul>${meanwhile.theirs.map((field) => html`
          <li key=${field.name}>${field.label} was changed to “${asText(meanwhile.fresh[field.name])}”.
            Saving replaces that with yours.</li>`)}</ul>`}
      <//>`}
      ${lead}
      <${Fields} fields=${fields} values=${values} onChange=${setValues} faults=${faults} />
      ${extra}
    <//>`;
}

const asText = (value) => (typeof value === 'object' ? JSON.stringify(value) : String(value));
