/** What was deleted, and the way back: for one thing, for many, or never again. */
import { html, useState } from '../lib/view.js';
import { post } from '../lib/api.js';
import { turnsTrash } from '../lib/concerns.js';
import { words } from '../lib/format.js';
import { kinds, plural } from '../lib/kinds.js';
import { usePages } from '../lib/resource.js';
import { go, place } from '../lib/router.js';
import { toast } from '../lib/toasts.js';
import { useSelection } from '../lib/use-selection.js';
import { Button } from '../components/button.js';
import { Field } from '../components/field.js';
import { Empty, Loaded } from '../components/notice.js';
import { Page } from '../components/page.js';
import { PurgeDialog } from '../components/purge-dialog.js';
import { RestoreDialog } from '../components/restore-dialog.js';
import { SearchField, matching } from '../components/search.js';
import { SelectionBar } from '../components/selection-bar.js';
import { TrashItem } from '../components/trash-item.js';

const kindField = {
  name: 'kind', label: 'Show', type: 'select', required: true,
  options: [{ value: '', label: 'Everything' }, ...kinds.map((kind) => ({ value: kind, label: words(plural(kind)) }))],
};

export function TrashPage() {
  const kind = place.value.query.get('kind') ?? '';
  const trash = usePages(`/trash${kind && `?kind=${kind}`}`, { on: turnsTrash });
  const [search, setSearch] = useState('');
  const [open, setOpen] = useState(null);
  const done = () => {
    setOpen(null);
    trash.reload();
  };
  return html`
    <${Page} title="Trash" intro=${html`<p>Nothing deleted is lost. Restoring brings back exactly what was there, with
      everything beneath it.</p>`}>
      <div class="toolbar filter"><${Field} field=${kindField} value=${kind}
        onChange=${(value) => go(value ? `/trash?kind=${value}` : '/trash', { replace: true })} />
        <${Button} icon="refresh-cw" onClick=${trash.reload}>Refresh<//></div>
      <${Loaded} state=${trash}>${(items) => (items.length === 0 && !trash.loadMore
        ? html`<${Empty} icon="trash-2" title=${kind ? 'Nothing of this kind is in the trash' : 'The trash is empty'}>
            What anybody deletes appears here, with who, when
            and why, ready to be restored.<//>`
        : html`
          <${SearchField} label="Find by name, reason or who deleted it" value=${search} onChange=${setSearch} />
          <${Items} key=${kind} items=${matching(items, search, textOf)} all=${items.length} reload=${trash.reload}
            loadMore=${trash.loadMore} onOpen=${setOpen} />`)}<//>
      ${open?.restore && html`<${RestoreDialog} items=${open.restore} together=${open.together} onDone=${done}
        onClose=${() => setOpen(null)} />`}
      ${open?.purge && html`<${PurgeDialog} item=${open.purge} onDone=${done} onClose=${() => setOpen(null)} />`}
    <//>`;
}

const textOf = ({ name, reason, deletedBy }) => `${name} ${reason ?? ''} ${deletedBy?.name ?? ''}`;

function Items({ items, all, loadMore, reload, onOpen }) {
  const selection = useSelection(items, ({ version }) => version);
  // What nothing stands in the way of comes back with one click; for the rest there is something to read first.
  const restore = (item) => async (together) => {
    if (together || item.obstacle) {
      onOpen({ restore: [item], together });
      return;
    }
    try {
      await post(`${item.path}/restore`);
      toast(`“${item.name}” is back.`);
    } catch {
      // Things have changed since they were listed; the dialog tells how they are now.
      onOpen({ restore: [item] });
      return;
    }
    reload();
  };
  const restoreSelected = () => onOpen({
    restore: [...selection.selected].sort((one, other) => other.version - one.version),
  });
  return html`
    ${items.length < all && html`<p class="board-sum" role="status">${items.length} of the ${all} listed fit.
      ${loadMore && 'There is more in the trash that is not listed yet: show more to search there, too.'}</p>`}
    <ul class="stack">${items.map((item) => html`
      <${TrashItem} key=${item.version} item=${item} chosen=${selection.has(item)}
        onToggle=${(through) => selection.toggle(item, through)} onRestore=${restore(item)}
        onPurge=${() => onOpen({ purge: item })} />`)}</ul>
    ${loadMore && html`<div class="load-more"><${Button} onClick=${loadMore}>Show more<//></div>`}
    <${SelectionBar} selection=${selection}>
      <${Button} kind="primary" icon="rotate-ccw" onClick=${restoreSelected}>Restore selected<//>
    <//>`;
}
