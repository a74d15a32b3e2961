/** The actions: other programs that are called on what happens, with a body and headers of one's own. */
import { html, useState } from '../lib/view.js';
import { actionState } from '../lib/hook-words.js';
import { count } from '../lib/format.js';
import { useList, useResource } from '../lib/resource.js';
import { can } from '../lib/session.js';
import { AuthorizationDialog } from '../components/authorization-dialog.js';
import { Button } from '../components/button.js';
import { EditorDialog } from '../components/editor-dialog.js';
import { HookItem } from '../components/hook-item.js';
import { HookTestDialog } from '../components/hook-test-dialog.js';
import { Empty, Loaded } from '../components/notice.js';
import { Page } from '../components/page.js';

const consequence = 'The action goes to the trash and is called no more. What waits for it becomes dead letters.';

const ofActions = { on: ({ type }) => type === 'action' };

export function ActionsPage() {
  const hooks = useList('/actions', ofActions);
  const [open, setOpen] = useState(null);
  const close = () => setOpen(null);
  const done = () => {
    close();
    hooks.reload();
  };
  const create = can('hooks.manage') && html`
    <${Button} kind="primary" icon="plus" onClick=${() => setOpen({ create: true })}>New action<//>`;
  return html`
    <${Page} title="Actions" actions=${hooks.data?.length > 0 && create}
      intro=${html`<p>Other programs that are called on what happens, in their own way: a message in a chat, a screen, a
        light.</p>`}>
      <${Loaded} state=${hooks}>${(items) => (items.length === 0
        ? html`<${Empty} icon="zap" title="No actions yet" action=${create}>
            A chat can say that a contest is locked, a screen can show who is next. You write what is sent.<//>`
        : html`<ul class="stack">${items.map((hook) => html`
          <${Action} key=${hook.id} hook=${hook} onOpen=${setOpen} onChanged=${hooks.reload} />`)}</ul>`)}<//>
      ${open?.create && html`<${EditorDialog} kind="action" onClose=${close} onDone=${done} />`}
      ${open?.tried && html`<${HookTestDialog} kind="action" hook=${open.tried} onClose=${close} />`}
      ${open?.authorized && html`<${AuthorizationDialog} action=${open.authorized} set=${open.set} onDone=${done}
        onClose=${close} />`}
    <//>`;
}

function Action({ hook, onOpen, onChanged }) {
  const { id, name, method, headers, body } = hook;
  const authorization = useResource(`/actions/${id}/authorization`, ofActions);
  const set = authorization.data?.set ?? false;
  const facts = html`
    <div><dt>Sent</dt><dd>${method}, ${body == null ? 'the event as it is' : 'a body of its own'}
      ${headers.length > 0 && `, ${count(headers.length, 'header')}`}</dd></div>
    <div><dt>Authorization</dt><dd>${authorization.data ? (set ? 'Set, and never shown' : 'None') : '…'}</dd></div>`;
  return html`
    <${HookItem} kind="action" hook=${hook} state=${actionState(hook)} told="Called on" facts=${facts}
      consequence=${consequence} onTest=${() => onOpen({ tried: hook })} onChanged=${onChanged}
      buttons=${html`<${Button} icon="lock" aria-label="Authorization: ${name}" disabled=${!authorization.data}
        onClick=${() => onOpen({ authorized: hook, set })}>Authorization<//>`} />`;
}
