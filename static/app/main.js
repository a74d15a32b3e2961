/** The start of the UI: who is signed in, which page the address names, what surrounds it. */
import { html, render, useEffect, useState } from './lib/view.js';
import { homePath } from './lib/places.js';
import { go, match, path } from './lib/router.js';
import { judgesOnly, resume, session } from './lib/session.js';
import { Button } from './components/button.js';
import { ErrorBoundary } from './components/error-boundary.js';
import { JudgeShell } from './components/judge-shell.js';
import { Empty, Problem } from './components/notice.js';
import { Page } from './components/page.js';
import { Shell } from './components/shell.js';
import { Toasts } from './components/toasts.js';
import { AccountPage } from './pages/account.js';
import { AuditPage } from './pages/audit.js';
import { CategoryPage } from './pages/category.js';
import { ContestPage } from './pages/contest.js';
import { ContestantsPage } from './pages/contestants.js';
import { EventPage } from './pages/event.js';
import { EventsPage } from './pages/events.js';
import { JudgeCategoryPage } from './pages/judge-category.js';
import { JudgeHomePage } from './pages/judge-home.js';
import { JudgesPage } from './pages/judges.js';
import { SetupPage } from './pages/setup.js';
import { SignInPage } from './pages/sign-in.js';
import { TenantsPage } from './pages/tenants.js';
import { TrashPage } from './pages/trash.js';
import { UsersPage } from './pages/users.js';

/** Every address of the UI. */
const routes = [
  ['/', EventsPage],
  ['/events/:id', EventPage],
  ['/contests/:id', ContestPage],
  ['/contests/:id/:tab', ContestPage],
  ['/categories/:id', CategoryPage],
  ['/categories/:id/:tab', CategoryPage],
  ['/contestants', ContestantsPage],
  ['/judges', JudgesPage],
  ['/users', UsersPage],
  ['/tenants', TenantsPage],
  ['/trash', TrashPage],
  ['/audit', AuditPage],
  ['/account', AccountPage],
  ['/judge', JudgeHomePage],
  ['/judge/categories/:id', JudgeCategoryPage],
  ['/judge/categories/:id/:entryId', JudgeCategoryPage],
];

function find(current) {
  for (const [pattern, page] of routes) {
    const params = match(pattern, current);
    if (params) return { page, params };
  }
  return { page: NotFoundPage, params: {} };
}

function NotFoundPage() {
  return html`<${Page} title="Not found"><${Empty} icon="info" title="There is no page at this address"
    action=${html`<${Button} kind="primary" href="#/">Go to the first page<//>`}>
    The link may be old or incomplete.<//><//>`;
}

function Routed() {
  const current = path.value;
  const { page, params } = find(current);
  useEffect(() => {
    if (current === '/' && homePath() !== '/') go(homePath(), { replace: true });
  }, [current]);
  useEffect(() => {
    scrollTo(0, 0);
    // A dialog that the new page opens keeps the focus.
    if (document.querySelector('dialog[open]')) return;
    document.querySelector('main h1')?.focus({ preventScroll: true });
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
  const content = () => {
    if (path.value === '/setup') return html`<${SetupPage} />`;
    if (error) return html`<main class="entrance-card"><${Problem} error=${error} onRetry=${start} /></main>`;
    if (session.value === undefined) return html`<div class="skeleton" aria-busy="true" />`;
    return session.value ? html`<${Routed} />` : html`<${SignInPage} />`;
  };
  return html`${content()}<${Toasts} />`;
}

render(html`<${App} />`, document.getElementById('app'));
