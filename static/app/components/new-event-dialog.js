/** The dialog that creates an event: an empty one, or one from a template. */
import { html, useState } from '../lib/view.js';
import { useList } from '../lib/resource.js';
import { can } from '../lib/session.js';
import { madeBy } from '../lib/templates.js';
import { EditorDialog } from './editor-dialog.js';
import { Field } from './field.js';
import { TemplateDialog } from './template-dialog.js';

/** @param {{onClose: () => void, onDone: (event: {id: string}) => void}} props */
export function NewEventDialog({ onClose, onDone }) {
  const list = useList(can('templates.read') ? '/templates' : null);
  const [id, setId] = useState('');
  const templates = (list.data ?? []).filter((template) => madeBy(template) === 'event');
  const options = [{ value: '', label: 'An empty event' }, ...templates.map((each) => ({ value: each.id, label: each.name }))];
  const lead = templates.length > 0 && html`
    <${Field} field=${{ name: 'template', label: 'Begin with', type: 'select', required: true, options }} value=${id}
      onChange=${setId} />`;
  const template = templates.find((each) => each.id === id);
  return template ? html`<${TemplateDialog} key=${id} template=${template} lead=${lead} onClose=${onClose} />`
    : html`<${EditorDialog} kind="event" lead=${lead} onClose=${onClose} onDone=${onDone} />`;
}
