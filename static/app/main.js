/** The start of the UI: who is signed in, which page the address names, what surrounds it. */
import { html, render, useEffect, useRef, useState } from './lib/view.js';
import { showBrandingOf } from './lib/branding.js';
import { openedLink } from './lib/judge-link.js';
import { homePath } from './lib/places.js';
import { go, match, path } from './lib/router.js';
import { can, ended, holderOf, judgesOnly, rememberedTenant, resume, session } from './lib/session.js';
import { Button } from './components/button.js';
import { ErrorBoundary } from './components/error-boundary.js';
import { JudgeShell } from './components/judge-shell.js';
import { LiveStatus } from './components/live-status.js';
import { Empty, Problem } from './components/notice.js';
import { Page } from './components/page.js';
import { PrintSheets } from './components/print-sheets.js';
import { SessionEnded } from './components/session-ended.js';
import { Shell } from './components/shell.js';
import { StoreNotice } from './components/store-notice.js';
import { Toasts } from './components/toasts.js';
import { AccountPage } from './pages/account.js';
import { ActionsPage } from './pages/actions.js';
import { AlertsPage } from './pages/alerts.js';
import { AuditPage } from './pages/audit.js';
import { BreakersPage } from './pages/breakers.js';
import { CategoryPage } from './pages/category.js';
import { ChartsPage } from './pages/charts.js';
import { ContestPage } from './pages/contest.js';
import { ContestantsPage } from './pages/contestants.js';
import { CorrelationPage } from './pages/correlation.js';
import { DeliveriesPage } from './pages/deliveries.js';
import { DeliveryPage } from './pages/delivery.js';
import { EventPage } from './pages/event.js';
import { EventProgressPage } from './pages/event-progress.js';
import { EventWinnersPage } from './pages/event-winners.js';
import { EventsPage } from './pages/events.js';
import { FieldsPage } from './pages/fields.js';
import { FilesPage } from './pages/files.js';
import { ForgotPage } from './pages/forgot.js';
import { IntegrationsPage } from './pages/integrations.js';
import { JobsPage } from './pages/jobs.js';
import { JudgeCategoryPage } from './pages/judge-category.js';
import { JudgeHomePage } from './pages/judge-home.js';
import { JudgeLinkPage } from './pages/judge-link.js';
import { JudgesPage } from './pages/judges.js';
import { LogsPage } from './pages/logs.js';
import { RequestsPage } from './pages/requests.js';
import { ResetPage } from './pages/reset.js';
import { RestrictedPage } from './pages/restricted.js';
import { RolesPage } from './pages/roles.js';
import { SettingsPage } from './pages/settings.js';
import { SetupPage } from './pages/setup.js';
import { SignInPage } from './pages/sign-in.js';
import { TemplatesPage } from './pages/templates.js';
import { TenantsPage } from './pages/tenants.js';
import { TracePage } from './pages/trace.js';
import { TrashPage } from './pages/trash.js';
import { UsersPage } from './pages/users.js';
import { WebhooksPage } from './pages/webhooks.js';
import { WordingPage } from './pages/wording.js';
import { WordingsPage } from './pages/wordings.js';

/** Every address of the UI, its page, and what one must be allowed to do to see it. */
const routes = [
  ['/', EventsPage, 'events.read'],
  ['/events/:id', EventPage, 'events.read'],
  ['/events/:id/progress', EventProgressPage, 'sheets.read'],
  ['/events/:id/winners', EventWinnersPage, 'results.read'],
  ['/contests/:id', ContestPage, 'events.read'],
  ['/contests/:id/:tab', ContestPage, 'events.read'],
  ['/categories/:id', CategoryPage, 'events.read'],
  ['/categories/:id/:tab', CategoryPage, 'events.read'],
  ['/contestants', ContestantsPage, 'people.read'],
  ['/judges', JudgesPage, 'people.read'],
  ['/files', FilesPage, 'files.read'],
  ['/templates', TemplatesPage, 'templates.read'],
  ['/fields', FieldsPage, 'fields.manage'],
  ['/settings', SettingsPage, 'settings.manage'],
  ['/users', UsersPage, 'users.read'],
  ['/roles', RolesPage, 'users.read'],
  ['/tenants', TenantsPage, 'tenants.read'],
  ['/integrations', IntegrationsPage, 'integrations.read'],
  ['/alerts', AlertsPage, 'alerts.read'],
  ['/charts', ChartsPage, 'alerts.read'],
  ['/services', BreakersPage, 'breakers.read'],
  ['/webhooks', WebhooksPage, 'hooks.read'],
  ['/actions', ActionsPage, 'hooks.read'],
  ['/deliveries', DeliveriesPage, 'deliveries.read'],
  ['/deliveries/:id', DeliveryPage, 'deliveries.read'],
  ['/correlations', CorrelationPage, 'correlations.read'],
  ['/correlations/:id', CorrelationPage, 'correlations.read'],
  ['/wordings', WordingsPage, 'wordings.read'],
  ['/wordings/:kind/:language', WordingPage, 'wordings.read'],
  ['/trash', TrashPage, 'deleted.read'],
  ['/jobs', JobsPage, 'jobs.read'],
  ['/audit', AuditPage, 'audit.read'],
  ['/logs', LogsPage, 'logs.read'],
  ['/logs/requests', RequestsPage, 'logs.read'],
  ['/traces/:id', TracePage, 'logs.read'],
  ['/account', AccountPage, 'account.use'],
  ['/judge', JudgeHomePage, 'sheets.submit'],
  ['/judge/categories/:id', JudgeCategoryPage, 'sheets.submit'],
  ['/judge/categories/:id/:entryId', JudgeCategoryPage, 'sheets.submit'],
];

/** What opens without anybody signed in. */
const open = { '/setup': SetupPage, '/reset': ResetPage, '/forgot': ForgotPage };

function find(current) {
  for (const [pattern, page, action] of routes) {
    const params = match(pattern, current);
    if (params) return can(action) ? { page, params } : { page: NotAllowedPage, params: {} };
  }
  return { page: NotFoundPage, params: {} };
}

function NotAllowedPage() {
  return html`<${Page} title="Not for your role"><${Empty} icon="lock" title="Your account may not see this page"
    action=${html`<${Button} kind="primary" href="#${homePath()}">Go to your first page<//>`}>
    If you need it, ask an administrator for a role that includes it.<//><//>`;
}

function NotFoundPage() {
  return html`<${Page} title="Not found"><${Empty} icon="info" title="There is no page at this address"
    action=${html`<${Button} kind="primary" href="#/">Go to the first page<//>`}>
    The link may be old or incomplete.<//><//>`;
}

/** Takes whoever uses a keyboard or listens to the page that has just opened. */
function focusPage() {
  const main = document.querySelector('main');
  // A dialog that the page opens keeps the focus, and so does a tab that is still there.
  if (document.querySelector('dialog[open]') || main?.contains(document.activeElement)) return;
  // A page that still loads hands the focus on to its heading.
  (main?.querySelector('h1') ?? main)?.focus({ preventScroll: true });
}

function Routed() {
  const current = path.value;
  const { page, params } = find(current);
  useEffect(() => {
    if (current === '/' && homePath() !== '/') go(homePath(), { replace: true });
  }, [current]);
  const first = useRef(true);
  useEffect(() => {
    scrollTo(0, 0);
    if (!first.current) focusPage();
    first.current = false;
  }, [current]);
  if (current === '/' && homePath() !== '/') return null;
  const Frame = current.startsWith('/judge/') || current === '/judge' || judgesOnly.value ? JudgeShell : Shell;
  const { id } = params;
  return html`<${Frame}><${ErrorBoundary} key=${current}>
    <${page} key=${id ?? page.name} ...${params} /><//><//>`;
}

function App() {
  const [error, setError] = useState(null);
  const start = () => {
    setError(null);
    resume().catch(setError);
  };
  useEffect(start, []);
  const slug = session.value?.tenant.slug ?? rememberedTenant();
  useEffect(() => { showBrandingOf(slug); }, [slug]);
  const content = () => {
    const Open = open[path.value];
    if (Open) return html`<${Open} />`;
    if (error) {
      return html`<div class="entrance"><main class="entrance-card">
        <${Problem} error=${error} onRetry=${start} /></main></div>`;
    }
    if (session.value === undefined) return html`<div class="skeleton" aria-busy="true" />`;
    if (openedLink.value !== null) return html`<${JudgeLinkPage} key=${openedLink.value} />`;
    if (!session.value) return html`<${SignInPage} />`;
    if (session.value.restriction) return html`<${RestrictedPage} />`;
    const { tenant } = session.value;
    return html`<${Routed} key=${tenant.id + holderOf(session.value)} />${ended.value && html`<${SessionEnded} />`}`;
  };
  return html`<${StoreNotice} />${content()}<${LiveStatus} /><${PrintSheets} /><${Toasts} />`;
}

render(html`<${App} />`, document.getElementById('app'));
