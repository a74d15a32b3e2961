/** Where a table to import comes from: a file, chosen or dropped, or the clipboard. */
import { html, useId, useState } from '../lib/view.js';
import { download } from '../lib/download.js';
import { decoded } from '../lib/table-text.js';
import { Button } from './button.js';
import { Field } from './field.js';
import { Problem } from './notice.js';

/** More than this is no list of people, in bytes. */
const most = 4_000_000;

/**
 * @param {{what: string, text: string, example: string, onRead: (text: string) => void, onType: (text: string) => void}} props
 */
export function ImportSource({ what, text, example, onRead, onType }) {
  const id = useId();
  const [over, setOver] = useState(false);
  const [fault, setFault] = useState(null);
  const [error, setError] = useState(null);
  const keepTemplate = () => {
    setError(null);
    download(`/imports/template?what=${what}`, `${what}.csv`).catch(setError);
  };
  const read = async (file) => {
    if (!file) return;
    const content = file.size > most ? null : decoded(new Uint8Array(await file.arrayBuffer()));
    setFault(content === null && `“${file.name}” is no such table. In the spreadsheet choose “Save as”, then CSV.`);
    if (content !== null) onRead(content);
  };
  const drop = (event) => {
    event.preventDefault();
    setOver(false);
    read(event.dataTransfer.files[0]);
  };
  const drag = (event) => {
    event.preventDefault();
    setOver(true);
  };
  return html`
    <div class="field drop ${over ? 'over' : ''}" onDragOver=${drag} onDragLeave=${() => setOver(false)} onDrop=${drop}>
      <label for=${id}>CSV file</label>
      <input id=${id} type="file" accept=".csv,.tsv,.txt,text/csv" aria-describedby="${id}-hint"
        onChange=${(event) => read(event.target.files[0])} />
      <p class="field-hint" id="${id}-hint">Choose it or drop it here. Its first line has the headings.</p>
      <p class="field-fault" role="alert">${fault}</p>
      <${Button} icon="download" onClick=${keepTemplate}>Empty table to fill in<//>
      <${Problem} error=${error} />
    </div>
    <${Field} field=${{ name: 'csv', label: 'Table', type: 'textarea', required: true, hint: `Or paste it, such as: ${example}` }}
      value=${text} onChange=${onType} />`;
}
