/** The dialog that uploads files: choosing or dropping them, what would not be taken, and how far each is. */
import { html, useEffect, useId, useRef, useState } from '../lib/view.js';
import { send } from '../lib/api.js';
import { likelyPurpose, offered, purposes, refusalOf, sizeOf, takenOf, titleOf, typeOf } from '../lib/file-words.js';
import { count, sentence } from '../lib/format.js';
import { Button, IconButton } from './button.js';
import { Dialog } from './dialog.js';
import { Field } from './field.js';
import { Icon } from './icon.js';
import { ProgressBar } from './progress-bar.js';
import { RequestId } from './request-id.js';

/** How long a large file may take over a bad network, in milliseconds. The server has a limit of its own. */
const patience = 3_600_000;

/** Whether the server would say the same again. */
const isFinal = (error) => Boolean(error) && [400, 403, 404, 413, 415, 422].includes(error.status);

const purposeField = { name: 'purpose', label: 'What they are for', type: 'select', required: true, options: purposes };

/**
 * @param {{about: {kind: string, id: string}|null, to: string, rules: {bytesMax: number, mediaTypes: string[]},
 *   onUploaded: () => void, onClose: () => void}} props `to` says in words what the files will belong to
 */
export function UploadDialog({ about, to, rules, onUploaded, onClose }) {
  const [items, setItems] = useState([]);
  const [purpose, setPurpose] = useState('document');
  const [busy, setBusy] = useState(false);
  const [removed, setRemoved] = useState(0);
  const stopping = useRef(new AbortController());
  useEffect(() => () => stopping.current.abort(), []);

  const choose = (files) => {
    if (files.length === 0) return;
    const keyOf = ({ name, size, lastModified }) => `${name} ${size} ${lastModified}`;
    const added = [...files].map((file) => ({ file, key: keyOf(file), sent: null, error: null, done: false }));
    const known = new Set(items.map(({ key }) => key));
    const all = [...items, ...added.filter(({ key }) => !known.has(key))];
    setItems(all);
    if (items.length === 0) setPurpose(likelyPurpose(all.map(({ file }) => file)));
  };
  const change = (key, changes) => setItems((old) => old
    .map((item) => (item.key === key ? { ...item, ...changes } : item)));
  const refusal = ({ file }) => refusalOf(file, purpose, rules);
  const ready = items.filter((item) => !item.done && !refusal(item) && !isFinal(item.error));
  const uploadOne = async ({ key, file }) => {
    const query = new URLSearchParams({
      name: titleOf(file), purpose, ...(about && { aboutKind: about.kind, aboutId: about.id }),
    });
    change(key, { sent: 0, error: null });
    try {
      await send('POST', `/files?${query}`, {
        body: file.slice(0, file.size, typeOf(file)), patience, signal: stopping.current.signal,
        onSent: (sent) => change(key, { sent }),
      });
      change(key, { sent: null, done: true });
      onUploaded();
    } catch (error) {
      if (!stopping.current.signal.aborted) change(key, { sent: null, error });
    }
  };
  const upload = async () => {
    if (busy) return;
    setBusy(true);
    for (const item of ready) {
      await uploadOne(item);
      if (stopping.current.signal.aborted) break;
    }
    setBusy(false);
  };
  const remove = (key) => {
    setItems(items.filter((item) => item.key !== key));
    setRemoved((n) => n + 1);
  };
  const begun = busy || items.some(({ done }) => done);
  const over = begun && !busy && ready.length === 0;
  const footer = over ? html`<${Button} kind="primary" onClick=${onClose}>Done<//>` : html`
    <${Button} onClick=${onClose}>${busy ? 'Stop' : 'Cancel'}<//>
    <${Button} kind="primary" icon="upload" type="submit" busy=${busy} disabled=${ready.length === 0}>
      ${ready.length === 0 ? 'Upload' : `Upload ${count(ready.length, 'file')}`}<//>`;
  return html`
    <${Dialog} title="Upload files" onClose=${onClose} onSubmit=${upload} footer=${footer} wide>
      <p>${to}</p>
      <${Source} key=${removed} rules=${rules} onChosen=${choose} />
      ${items.length > 0 && html`
        ${!begun && html`<${Field} field=${purposeField} value=${purpose} onChange=${setPurpose} />`}
        <ul class="outcomes">${items.map((item) => html`
          <${Chosen} key=${item.key} item=${item} refusal=${item.done ? null : refusal(item)} busy=${busy}
            onRemove=${() => remove(item.key)} />`)}</ul>`}
    <//>`;
}

/** Where files come from: chosen, or dropped here. */
function Source({ rules, onChosen }) {
  const id = useId();
  const [over, setOver] = useState(false);
  const drop = (event) => {
    event.preventDefault();
    setOver(false);
    onChosen(event.dataTransfer.files);
  };
  const drag = (event) => {
    event.preventDefault();
    setOver(true);
  };
  return html`
    <div class="field drop ${over ? 'over' : ''}" onDragOver=${drag} onDragLeave=${() => setOver(false)} onDrop=${drop}>
      <label for=${id}>Files</label>
      <input id=${id} type="file" multiple accept=${offered(rules)} aria-describedby="${id}-hint"
        onChange=${({ target }) => onChosen(target.files)} />
      <p class="field-hint" id="${id}-hint">Choose them or drop them here: ${takenOf(rules)}</p>
    </div>`;
}

function Chosen({ item: { file, sent, done, error }, refusal, busy, onRemove }) {
  const state = done ? 'fine' : refusal || error ? 'refused' : '';
  const icon = done ? 'circle-check' : refusal || error ? 'circle-alert' : 'file-text';
  return html`
    <li class=${state}><${Icon} name=${icon} />
      <div class="chosen">
        <p>${file.name} <small class="muted">${sizeOf(file.size)}</small></p>
        ${sent !== null && html`<${ProgressBar} label="Upload of ${file.name}" value=${sent} max=${file.size}
          text=${sent < file.size ? `${Math.floor((sent / file.size) * 100)} %` : 'being looked at…'} />`}
        ${refusal && html`<p class="field-fault">${refusal}</p>`}
        ${error && html`<p class="field-fault" role="alert">${sentence(error.message)}</p>`}
        ${error?.requestId && html`
          <p class="notice-meta">Request <${RequestId} id=${error.requestId} beside /></p>`}
        ${done && html`<p>Uploaded.</p>`}
      </div>
      ${!busy && !done && html`<${IconButton} icon="x" label="Leave out ${file.name}" onClick=${onRemove} />`}
    </li>`;
}
