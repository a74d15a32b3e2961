/** The register of judges, and the accounts they sign in with. */
import { html, useState } from '../lib/view.js';
import { useList } from '../lib/resource.js';
import { can } from '../lib/session.js';
import { Badge } from '../components/badge.js';
import { Button, IconButton } from '../components/button.js';
import { Conflicts } from '../components/conflicts.js';
import { DeletableTable } from '../components/deletable-table.js';
import { EditorDialog } from '../components/editor-dialog.js';
import { ExportMenu } from '../components/export-menu.js';
import { JudgeLinksDialog } from '../components/judge-links-dialog.js';
import { Empty, Loaded } from '../components/notice.js';
import { Page } from '../components/page.js';
import { Portrayed, usePhotos } from '../components/photo.js';
import { RowActions } from '../components/row-actions.js';
import { SearchField, matching, useSearchText } from '../components/search.js';
import { useImport } from '../components/use-import.js';

const consequence = 'Judges go to the trash; their assignments and sheets go out of sight.';

export function JudgesPage() {
  const judges = useList('/judges');
  const photo = usePhotos('judge');
  const users = useList(can('users.read') ? '/users' : null);
  const [creating, setCreating] = useState(false);
  const [linksOf, setLinksOf] = useState(null);
  const [search, setSearch] = useSearchText(judges.data);
  const manage = can('people.manage');
  const imports = useImport({ what: 'judges', onChanged: judges.reload });
  const create = manage && html`
    ${imports.button}
    <${Button} kind="primary" icon="plus" onClick=${() => setCreating(true)}>New judge<//>`;
  const account = ({ userId }) => {
    if (!userId) return html`<${Badge}>By personal link<//>`;
    return users.data?.find(({ id }) => id === userId)?.email ?? html`<${Badge}>Linked<//>`;
  };
  const columns = [
    { label: 'Name', kind: 'main', cell: ({ id, name, pronouns, description }) => html`
      <${Portrayed} photo=${photo({ id, name })}>${name}
        ${pronouns && html` <small>${pronouns}</small>`}
        ${description && html`<small>${description}</small>`}<//>` },
    { label: 'Signs in as', cell: account },
    (manage || can('judgeLinks.release')) && { label: 'Actions', kind: 'row-actions', cell: (judge) => html`
      ${can('judgeLinks.release') && html`<${IconButton} icon="link" label="Links of ${judge.name}"
        onClick=${() => setLinksOf(judge)} />`}
      ${manage && html`<${RowActions} kind="judge" resource=${judge} onChanged=${judges.reload}
        consequence=${consequence} />`}` },
  ].filter(Boolean);
  return html`
    <${Page} title="Judges" actions=${judges.data?.length > 0 && html`<${ExportMenu} what="judges" />${create}`}
      intro=${html`<p>Whoever judges, once for all events. To score, a judge needs an assignment to a category, and
        a personal link or a linked user account.</p>`}>
      <${Loaded} state=${judges}>${(items) => (items.length === 0
        ? html`<${Empty} icon="gavel" title="No judges yet" action=${html`<div class="actions">${create}</div>`}>
            Create judges here, or create accounts for them under Users and tick that they judge.<//>`
        : html`
          <${SearchField} label="Find a judge" value=${search} onChange=${setSearch} />
          <${DeletableTable} kind="judge" manage=${manage} caption="Judges" columns=${columns}
            rows=${matching(items, search)} consequence=${consequence} onChanged=${judges.reload} />`)}<//>
      ${can('conflicts.read') && judges.data?.length > 0 && html`<${Conflicts} />`}
      ${imports.dialog}
      ${creating && html`<${EditorDialog} kind="judge" onClose=${() => setCreating(false)}
        onDone=${() => { setCreating(false); judges.reload(); }} />`}
      ${linksOf && html`<${JudgeLinksDialog} judge=${linksOf} onClose=${() => setLinksOf(null)} />`}
    <//>`;
}
