/** Every service outside in one place: which are on, how they fare, trying them, and what is decided of them. */
import { html, useState } from '../lib/view.js';
import { count } from '../lib/format.js';
import { useList, useResource } from '../lib/resource.js';
import { can } from '../lib/session.js';
import { Badge } from '../components/badge.js';
import { Button } from '../components/button.js';
import { IntegrationItem } from '../components/integration-item.js';
import { IntegrationTestDialog } from '../components/integration-test-dialog.js';
import { Loaded } from '../components/notice.js';
import { Page } from '../components/page.js';
import { ScanPolicy } from '../components/scan-policy.js';

export function IntegrationsPage() {
  const integrations = useResource('/integrations', { refreshMs: 5_000 });
  const [tried, setTried] = useState(null);
  const close = () => {
    setTried(null);
    integrations.reload();
  };
  return html`
    <${Page} title="Integrations" intro=${html`<p>The services outside that this server works with. Whatever becomes of
      them, scores are taken: what is meant for them waits.</p>`}>
      <${Loaded} state=${integrations}>${({ items }) => html`<ul class="stack">
        ${items.map((integration) => html`
          <${IntegrationItem} key=${integration.service} integration=${integration}
            onTest=${() => setTried(integration.service)}>
            ${integration.service === 'virus_scan' && can('files.read') && html`<${ScanPolicy} />`}<//>`)}
        ${can('hooks.read') && html`
          <${Hooks} path="/webhooks" name="Webhooks" one="webhook" does="Programs that are told of what happens." />
          <${Hooks} path="/actions" name="Actions" one="action"
            does="Other HTTP interfaces, such as a chat, that are called." />`}
      </ul>`}<//>
      ${tried && html`<${IntegrationTestDialog} service=${tried} onClose=${close} />`}
    <//>`;
}

/** The webhooks or actions, which have a page of their own, as a count. */
function Hooks({ path, name, one, does }) {
  const hooks = useList(path, { on: ({ type }) => type === one });
  const items = hooks.data ?? [];
  const on = items.filter(({ enabled }) => enabled).length;
  return html`
    <li class="record">
      <div class="record-head"><div class="record-title"><h2>${name}</h2>${hooks.data && (on > 0
        ? html`<${Badge} tone="success" icon="circle-check">${on} on<//>` : html`<${Badge} icon="ban">Off<//>`)}</div></div>
      <p>${does}</p>
      <${Loaded} state=${hooks}>${() => html`<p class="muted">
        ${items.length === 0 ? 'None is set up yet.' : count(items.length, one)}
        ${items.length > on && `, ${items.length - on} of them switched off`}</p>`}<//>
      <div class="actions"><${Button} href="#${path}">All ${name.toLowerCase()}<//></div>
    </li>`;
}
