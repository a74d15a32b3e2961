/** The invitations of a contest's judges: making them, printing one sheet each, and releasing links on the night. */
import { html, useState } from '../lib/view.js';
import { post } from '../lib/api.js';
import { useAttempt } from '../lib/attempt.js';
import { count } from '../lib/format.js';
import { isLocal, isWorking, lastUse, linkStates, printInvitations } from '../lib/invitations.js';
import { useResource } from '../lib/resource.js';
import { can } from '../lib/session.js';
import { toast } from '../lib/toasts.js';
import { Badge } from '../components/badge.js';
import { Button, IconButton } from '../components/button.js';
import { JudgeLinksDialog } from '../components/judge-links-dialog.js';
import { Empty, Loaded, Notice, Problem } from '../components/notice.js';
import { LocalAddress } from '../components/new-invitation.js';
import { Table } from '../components/table.js';

/** @param {{contest: object, event: object|undefined}} props */
export function ContestInvitations({ contest, event }) {
  const path = `/contests/${contest.id}/judge-links`;
  const judges = useResource(path, { refreshMs: 15_000 });
  const [made, setMade] = useState([]);
  const [open, setOpen] = useState(null);
  const { attempt, busy, error } = useAttempt(judges.reload);
  const create = attempt(async () => {
    const { items } = await post(path);
    setMade((before) => [...before, ...items]);
  });
  const release = (judge, link) => attempt(async () => {
    await post(`/judge-links/${link.id}/release`);
    toast(`The link of ${judge.judgeName} is free for another device.`);
  });
  const working = ({ links }) => links.filter(isWorking);
  const lacking = judges.data?.items.filter((judge) => working(judge).length === 0).length ?? 0;
  const manage = can('judgeLinks.manage');
  const frame = { event: event?.name, contest: contest.name };
  const print = () => printInvitations(made, frame);
  const columns = [
    { label: 'Judge', kind: 'main', cell: ({ judgeName, hasAccount }) => html`${judgeName}
      ${hasAccount && html`<small>Also has an account</small>`}` },
    { label: 'Link', cell: (judge) => (working(judge).length === 0 ? html`<${Badge} tone="warning">None<//>`
      : html`<span class="badges">${working(judge).map(({ id, state }) => html`
        <${Badge} key=${id} ...${linkStates[state]}>${linkStates[state].label}<//>`)}</span>`) },
    { label: 'Last used', cell: (judge) => working(judge).map(lastUse).join('; ') || '–' },
    { label: 'Actions', kind: 'row-actions', cell: (judge) => html`
      ${working(judge).filter(({ state }) => state !== 'free').map((link) => html`
        <${IconButton} key=${link.id} icon="lock-open" label="Release the link of ${judge.judgeName}"
          onClick=${release(judge, link)} />`)}
      <${IconButton} icon="link" label="Links of ${judge.judgeName}"
        onClick=${() => setOpen({ id: judge.judgeId, name: judge.judgeName })} />` },
  ];
  return html`
    ${manage && lacking > 0 && html`<div class="toolbar">
      <${Button} kind="primary" icon="plus" busy=${busy} onClick=${create}>Invite ${count(lacking, 'judge')}<//></div>`}
    <${Problem} error=${error} />
    ${made.length > 0 && html`
      <${Notice} tone="warning" title="${count(made.length, 'invitation')} to print now: PINs are not shown again">
        <p>One sheet for each judge, with a code to scan and a PIN. Hand each to its judge in person.</p>
        <${Button} kind="primary" icon="clipboard-list" onClick=${print}>Print ${count(made.length, 'sheet')}<//><//>`}
    ${made.some(({ url }) => isLocal(url)) && html`<${LocalAddress} />`}
    <${Loaded} state=${judges}>${({ items }) => (items.length === 0
      ? html`<${Empty} icon="gavel" title="No judges yet">Assign judges to the categories of this contest first. Then
          each gets an invitation here: a code to scan on a tablet, and a PIN.<//>`
      : html`<${Table} caption="Judges and their links" columns=${columns} rows=${items}
          rowKey=${({ judgeId }) => judgeId} />`)}<//>
    ${open && html`<${JudgeLinksDialog} judge=${open} frame=${frame}
      onClose=${() => { setOpen(null); judges.reload(); }} />`}`;
}
