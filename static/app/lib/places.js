/** Where the navigation leads, for whoever is signed in. `tenantWide` places show what no single event holds. */
import { can, judgesOnly, tenantWide } from './session.js';

const all = [
  {
    href: '#/', label: 'Events', icon: 'calendar-days', action: 'events.read',
    beneath: ['/events', '/contests', '/categories'],
  },
  { href: '#/contestants', label: 'Contestants', icon: 'users', action: 'people.read' },
  { href: '#/judges', label: 'Judges', icon: 'gavel', action: 'people.read' },
  { href: '#/files', label: 'Files', icon: 'paperclip', action: 'files.read' },
  { href: '#/templates', label: 'Templates', icon: 'layout-template', action: 'templates.read' },
  { href: '#/fields', label: 'Fields', icon: 'list-checks', action: 'fields.manage' },
  { href: '#/settings', label: 'Settings', icon: 'shield-check', action: 'settings.manage' },
  { href: '#/users', label: 'Users', icon: 'key-round', action: 'users.read' },
  { href: '#/wordings', label: 'Wording', icon: 'message-square', action: 'wordings.read' },
  { href: '#/tenants', label: 'Tenants', icon: 'layers', action: 'tenants.read' },
  { href: '#/integrations', label: 'Integrations', icon: 'plug', action: 'integrations.read' },
  { href: '#/alerts', label: 'Alerts', icon: 'circle-alert', action: 'alerts.read' },
  { href: '#/charts', label: 'Charts', icon: 'chart-line', action: 'alerts.read' },
  { href: '#/services', label: 'Services outside', icon: 'link', action: 'breakers.read' },
  { href: '#/webhooks', label: 'Webhooks', icon: 'webhook', action: 'hooks.read' },
  { href: '#/actions', label: 'Actions', icon: 'zap', action: 'hooks.read' },
  { href: '#/deliveries', label: 'Deliveries', icon: 'send', action: 'deliveries.read' },
  {
    href: '#/correlations', label: 'Correlations', icon: 'list-ordered', action: 'correlations.read', tenantWide: true,
  },
  { href: '#/audit', label: 'Audit log', icon: 'history', action: 'audit.read', tenantWide: true },
  {
    href: '#/logs', label: 'Log', icon: 'file-text', action: 'logs.read', tenantWide: true, beneath: ['/logs', '/traces'],
  },
  { href: '#/trash', label: 'Trash', icon: 'trash-2', action: 'deleted.read' },
  { href: '#/jobs', label: 'Jobs', icon: 'clipboard-list', action: 'jobs.read' },
  { href: '#/judge', label: 'My judging', icon: 'scale', action: 'sheets.submit' },
];

/** The places that the signed-in user may see. */
export function places() {
  return all.filter((place) => can(place.action) && (!place.tenantWide || tenantWide.value));
}

/** Whether a path is at a place or beneath it. */
export function isAt({ href, beneath = [href.slice(1)] }, path) {
  return path === href.slice(1) || beneath.some((start) => path.startsWith(`${start}/`));
}

/** The path to begin with: judges judge, others see events, and whoever sees neither gets what there is. */
export function homePath() {
  if (judgesOnly.value) return '/judge';
  return (places()[0]?.href ?? '#/account').slice(1);
}
