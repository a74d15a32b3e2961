/** The accounts that sign in, their roles, and the judges they score as. */
import { html, useState } from '../lib/view.js';
import { patch, post } from '../lib/api.js';
import { words } from '../lib/format.js';
import { useList } from '../lib/resource.js';
import { newGrant } from '../lib/roles.js';
import { can } from '../lib/session.js';
import { toast } from '../lib/toasts.js';
import { Badge } from '../components/badge.js';
import { Button, IconButton } from '../components/button.js';
import { DeletableTable } from '../components/deletable-table.js';
import { EditorDialog } from '../components/editor-dialog.js';
import { ExportMenu } from '../components/export-menu.js';
import { Field } from '../components/field.js';
import { Empty, Loaded } from '../components/notice.js';
import { Page } from '../components/page.js';
import { PasswordDialog } from '../components/password-dialog.js';
import { RowActions } from '../components/row-actions.js';
import { SearchField, matching, useSearchText } from '../components/search.js';
import { SignInBadges, SignInHelp } from '../components/sign-in-help.js';
import { useImport } from '../components/use-import.js';

const consequence = 'Accounts go to the trash and are signed out everywhere. Sheets they submitted stay.';

export function UsersPage() {
  const users = useList('/users');
  const judges = useList(can('people.read') ? '/judges' : null);
  const [creating, setCreating] = useState(null);
  const [passwordOf, setPasswordOf] = useState(null);
  const [helped, setHelped] = useState(null);
  const [search, setSearch] = useSearchText(users.data);
  const manage = can('users.manage');
  const reload = () => {
    users.reload();
    judges.reload();
  };
  const imports = useImport({ what: 'users', onChanged: reload });
  const create = manage && html`
    ${imports.button}
    <${Button} kind="primary" icon="plus" onClick=${() => setCreating({})}>New user<//>`;
  const createAdmin = manage && html`
    <${Button} kind="primary" icon="plus" onClick=${() => setCreating({ grants: [newGrant('ADMIN')] })}>
      New administrator<//>`;
  const judgeOf = ({ id }) => judges.data?.find(({ userId }) => userId === id);
  const columns = [
    { label: 'Name', kind: 'main', cell: ({ name, email }) => html`${name}<small>${email}</small>` },
    { label: 'Roles', cell: ({ grants }) => html`<span class="badges">${grants.map(({ role, scope }, index) => html`
      <${Badge} key=${index} tone="accent">${words(role)}${scope.type !== 'tenant' && ` (one ${scope.type})`}<//>`)}
      ${grants.length === 0 && html`<${Badge} tone="warning">None<//>`}</span>` },
    { label: 'Sign-in', cell: ({ signIn }) => html`<${SignInBadges} signIn=${signIn} />` },
    judges.data && { label: 'Scores as', cell: (user) => judgeOf(user)?.name ?? '–' },
    manage && { label: 'Actions', kind: 'row-actions', cell: (user) => html`
      <${IconButton} icon="key-round" label="Set a password for ${user.name}" onClick=${() => setPasswordOf(user)} />
      <${IconButton} icon="shield-check" label="Sign-in of ${user.name}" onClick=${() => setHelped(user)} />
      <${RowActions} kind="user" resource=${user} onChanged=${reload} consequence=${consequence} />` },
  ].filter(Boolean);
  return html`
    <${Page} title="Users" actions=${users.data?.length > 0 && html`
      <${Button} icon="shield-check" href="#/roles">Roles<//><${ExportMenu} what="users" />${create}`}>
      <${Loaded} state=${users}>${(items) => (items.length === 0
        ? html`<${Empty} icon="key-round" title="Nobody can sign in here yet" action=${createAdmin}>
            Create the first administrator, who then creates everybody else’s account.<//>`
        : html`
          <${SearchField} label="Find a user" value=${search} onChange=${setSearch} />
          <${DeletableTable} kind="user" manage=${manage} caption="Users" columns=${columns}
            rows=${matching(items, search)} consequence=${consequence} onChanged=${reload} />`)}<//>
      ${imports.dialog}
      ${creating && html`<${NewUser} initial=${creating} judges=${judges.data ?? []} onClose=${() => setCreating(null)}
        onDone=${() => { setCreating(null); reload(); }} />`}
      ${passwordOf && html`<${PasswordDialog} title="New password for ${passwordOf.name}"
        hint="Their sessions end, and they choose another one when they next sign in."
        save=${(password) => post(`/users/${passwordOf.id}/password`, { password })}
        onClose=${() => setPasswordOf(null)}
        onDone=${() => { setPasswordOf(null); toast('Password set.'); reload(); }} />`}
      ${helped && html`<${SignInHelp} user=${helped} onClose=${() => { setHelped(null); reload(); }} />`}
    <//>`;
}

/** A new account; if it judges, it is linked to a judge, new or known, in the same step. */
function NewUser({ initial, judges, onDone, onClose }) {
  const [judge, setJudge] = useState('');
  const free = judges.filter(({ userId }) => !userId);
  const link = async (user) => {
    if (judge === 'new') await post('/judges', { name: user.name, userId: user.id });
    else if (judge) await patch(`/judges/${judge}`, { userId: user.id });
  };
  const field = {
    name: 'judge', label: 'Scores as', type: 'select', required: true,
    hint: 'To score, an account needs the role Judge and a linked judge.',
    options: [
      { value: '', label: 'Nobody: this account does not judge' },
      { value: 'new', label: 'A new judge of the same name' },
      ...free.map(({ id, name }) => ({ value: id, label: `Judge ${name}` })),
    ],
  };
  return html`<${EditorDialog} kind="user" initial=${initial} onClose=${onClose} onDone=${onDone} also=${link}
    extra=${can('people.manage') && html`<${Field} field=${field} value=${judge} onChange=${setJudge} />`} />`;
}
