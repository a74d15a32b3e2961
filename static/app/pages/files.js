/** Uploaded files: all of the organisation, or those of one contestant, judge, event, contest, category or entry. */
import { html, useState } from '../lib/view.js';
import { addressOf } from '../lib/api.js';
import { download } from '../lib/download.js';
import { aboutKinds, filesOf, isMoving, isOpen, purposes, scanOf, sizeOf, storageOf } from '../lib/file-words.js';
import { formatAgo, formatDateTime, formatExact } from '../lib/format.js';
import { pageOf } from '../lib/kinds.js';
import { labelOf, nouns } from '../lib/nouns.js';
import { useList, useResource } from '../lib/resource.js';
import { place } from '../lib/router.js';
import { can } from '../lib/session.js';
import { toastError } from '../lib/toasts.js';
import { useRefreshing } from '../lib/use-refreshing.js';
import { whoIn } from '../lib/who.js';
import { Badge } from '../components/badge.js';
import { Button, IconButton } from '../components/button.js';
import { FileFilter } from '../components/file-filter.js';
import { Icon } from '../components/icon.js';
import { Empty, Loaded, Problem } from '../components/notice.js';
import { Page } from '../components/page.js';
import { RowActions } from '../components/row-actions.js';
import { Table } from '../components/table.js';
import { UploadDialog } from '../components/upload-dialog.js';

const consequence = 'The file goes to the trash, from where it can be restored.';

/** How often one looks at files that wait for the scanner, in milliseconds. */
const scanMs = 3_000;

/** How often one looks at files that are on their way to object storage or back, in milliseconds. */
const storageMs = 10_000;

/** How soon files are worth another look, in milliseconds; null if nothing is about to become of them. */
function lookAgainMs(files) {
  if (files.some(({ scan }) => scan.state === 'pending')) return scanMs;
  return files.some(({ storage }) => isMoving(storage)) ? storageMs : null;
}

export function FilesPage() {
  const { query } = place.value;
  const [kind, id] = [query.get('aboutKind'), query.get('aboutId')];
  const about = aboutKinds.includes(kind) && id ? { kind, id } : null;
  const thing = useResource(about && nouns[kind].item(id));
  const files = useList(query.size > 0 ? `/files?${query}` : '/files', { on: ({ type }) => type === 'file' });
  useRefreshing(files, lookAgainMs(files.data ?? []));
  const settings = useResource('/settings');
  const rules = useResource('/file-rules', { still: true });
  const users = useList(can('users.read') ? '/users' : null);
  const [uploading, setUploading] = useState(false);
  const name = about && thing.data ? labelOf(kind, thing.data) : null;
  const upload = can('files.manage') && rules.data && (!about || thing.data) && html`
    <${Button} kind="primary" icon="upload" onClick=${() => setUploading(true)}>Upload files<//>`;
  const narrowed = query.has('purpose') || query.has('scan');
  const intro = about ? html`<p>What belongs to the ${nouns[kind].one}${' '}
      ${thing.data && pageOf(kind, thing.data) ? html`<a href=${pageOf(kind, thing.data)}>${name}</a>` : name}.</p>`
    : html`<p>Photos, documents and score files. Files of one person or contest are found there, too.</p>`;
  return html`
    <${Page} title=${name ? `Files of ${name}` : 'Files'} intro=${intro} actions=${files.data?.length > 0 && upload}
      crumbs=${about ? [{ label: 'Files', href: '#/files' }] : []}>
      <${Problem} error=${thing.error} onRetry=${thing.reload} />
      ${(narrowed || files.data?.length > 0) && html`<${FileFilter} query=${query} />`}
      <${Loaded} state=${files}>${(items) => (items.length === 0
        ? html`<${Empty} icon="paperclip" title=${narrowed ? 'No file is like that' : 'No files yet'} action=${upload}>
            ${narrowed ? 'Others there may be: see them with another choice above.'
              : 'A photo for the stage, the rules as a PDF, score sheets that were filled in on paper.'}<//>`
        : html`<${List} items=${items.toReversed()} showAbout=${!about} required=${settings.data?.fileScan === 'required'}
            who=${whoIn(users.data ?? [])} onChanged=${files.reload} />`)}<//>
      ${uploading && html`<${UploadDialog} about=${about} rules=${rules.data} onUploaded=${files.reload}
        to=${name ? `They will belong to ${name}.` : 'They will belong to the whole organisation.'}
        onClose=${() => setUploading(false)} />`}
    <//>`;
}

function List({ items, showAbout, required, who, onChanged }) {
  const keep = async ({ id, name }) => {
    try {
      await download(`/files/${id}/content`, name);
    } catch (error) {
      toastError(error);
    }
  };
  const columns = [
    { label: 'Name', kind: 'main', cell: (file) => html`
      <span class="file"><${Thumbnail} file=${file} open=${isOpen(file.scan, required)} />
        <span>${file.name}<small>${purposes.find(({ value }) => value === file.purpose).label}
          ${showAbout && file.about && html` of
            ${' '}<a href="#${filesOf(file.about.kind, file.about.id)}">${file.aboutName}</a>`}
        </small></span></span>` },
    { label: 'Virus scan', cell: ({ scan }) => html`<${Scan} scan=${scan} required=${required} />` },
    items.some(({ storage }) => storage.state !== 'off') && { label: 'Object storage', cell: ({ storage }) => html`
      <${Storage} storage=${storage} />` },
    { label: 'Size', kind: 'number', cell: ({ bytes, width, height }) => html`
      <div>${sizeOf(bytes)}${width && html`<small class="muted beneath">${width} × ${height}</small>`}</div>` },
    { label: 'Uploaded', cell: ({ createdAt, uploadedBy }) => html`
      <div><time datetime=${createdAt} title=${`${formatExact(createdAt)}, ${formatAgo(createdAt)}`}>
        ${formatDateTime(createdAt)}</time>
        ${uploadedBy && html`<small class="muted beneath">by ${who(uploadedBy)}</small>`}</div>` },
    { label: 'Actions', kind: 'row-actions', cell: (file) => html`
      ${isOpen(file.scan, required) && html`<${IconButton} icon="download" label="Download ${file.name}"
        onClick=${() => keep(file)} />`}
      ${can('files.manage') && html`<${RowActions} kind="file" resource=${file} consequence=${consequence}
        onChanged=${onChanged} />`}` },
  ].filter(Boolean);
  return html`<${Table} caption="Files, newest first" columns=${columns} rows=${items} />`;
}

/** What a file looks like, which leads to the whole picture; or a sign in its place. */
function Thumbnail({ file: { id, name, thumbnail }, open }) {
  if (!thumbnail || !open) return html`<span class="thumbnail"><${Icon} name=${open ? 'file-text' : 'lock'} /></span>`;
  return html`<a class="thumbnail" href=${addressOf(`/files/${id}/content`)} target="_blank" rel="noopener"
    aria-label="The whole picture: ${name}"><img src=${addressOf(`/files/${id}/thumbnail`)} alt="" loading="lazy" /></a>`;
}

function Scan({ scan, required }) {
  const { text, tone, icon, why } = scanOf(scan, required);
  return html`<div><${Badge} tone=${tone} icon=${icon}>${text}<//>
    ${why && html`<small class="muted beneath">${why}</small>`}
    ${scan.state === 'failed' && can('deliveries.read') && html`<small class="beneath">
      <a href="#/deliveries?service=virus_scan&state=dead">Have it scanned once more</a></small>`}</div>`;
}

function Storage({ storage }) {
  const { text, tone, icon, why } = storageOf(storage);
  return html`<div><${Badge} tone=${tone} icon=${icon}>${text}<//>
    ${why && html`<small class="muted beneath">${why}${storage.at && html` Since
      ${' '}<time datetime=${storage.at} title=${formatExact(storage.at)}>${formatDateTime(storage.at)}</time>.`}</small>`}
    ${storage.state === 'failed' && can('deliveries.read') && html`<small class="beneath">
      <a href="#/deliveries/${storage.delivery}">See why</a></small>`}</div>`;
}
