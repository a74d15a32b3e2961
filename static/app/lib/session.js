/** Who is signed in, and what they may do. */
import { computed, signal } from './view.js';
import { get, post, setCsrfToken, whenRefused } from './api.js';

/** The session as `GET /me` gives it; null when nobody is signed in; undefined until that is known. */
export const session = signal(undefined);

/** Whether the session has ended while pages are open. They stay, with all that was typed, until somebody signs in. */
export const ended = signal(false);

/** Whether the session only serves to judge, so that the judge pages are home. */
export const judgesOnly = computed(() => {
  const grants = session.value?.grants ?? [];
  return grants.length > 0 && grants.every(({ role }) => role === 'JUDGE');
});

/** Whether some grant holds for the whole tenant, not just for events or contests. */
export const tenantWide = computed(() => (session.value?.grants ?? []).some(({ scope }) => scope.type === 'tenant'));

const operatorsTenant = 'system';

/** Whether the tenant is that of the operators of the server. */
export const operators = computed(() => session.value?.tenant.slug === operatorsTenant);

/** The short name of the tenant that the account is in. Only operators act in another one. */
export const homeTenant = computed(() => (session.value?.acting ? operatorsTenant : session.value?.tenant.slug));

/** What tells people apart: the account, or the judge who has come by a link. */
export const holderOf = ({ user, judge }) => user?.id ?? judge.id;

/** Who is signed in, by name. */
export const nameOf = ({ user, judge }) => user?.name ?? judge.name;

/** Requests that wait for somebody to sign in again; each is told whether it may be tried again. */
let waiting = [];

/**
 * Takes over a session that the server has just given.
 * @returns {boolean} whether it is of the same user in the same tenant, so that requests of before still mean the same
 */
export function adopt(value) {
  const before = session.value;
  const same = Boolean(value && before) && holderOf(value) === holderOf(before)
    && value.tenant.id === before.tenant.id;
  setCsrfToken(value?.csrfToken ?? null);
  ended.value = false;
  session.value = value;
  if (value) rememberTenant(homeTenant.value);
  for (const tell of waiting.splice(0)) tell(same);
  return same;
}

whenRefused({
  ended: () => {
    if (!session.value) return Promise.resolve(false);
    ended.value = true;
    return new Promise((resolve) => {
      waiting.push(resolve);
    });
  },
  // Somebody has signed in on another tab, which shares the cookie but not the token.
  token: async () => adopt(await get('/me')),
});

/** Finds out whether the cookie still stands for a session. */
export async function resume() {
  try {
    adopt(await get('/me', { once: true }));
  } catch (error) {
    if (error.status !== 401) throw error;
    adopt(null);
  }
}

/**
 * Signs in. Whoever has accounts in several tenants and names none gets the one last used on this device.
 * @param {{email: string, password: string, tenant?: string, totp?: string}} credentials
 */
export async function signIn(credentials) {
  const login = (tenant) => post('/auth/login', { ...credentials, ...(tenant && { tenant }) }, { once: true });
  try {
    adopt(await login(credentials.tenant));
  } catch (error) {
    const tenant = error.code === 'tenant_required' && rememberedTenant();
    if (!tenant) throw error;
    adopt(await login(tenant));
  }
}

/** Takes over what the server says of the session now, after something about it has changed. */
export async function refresh() {
  adopt(await get('/me'));
}

export async function signOut() {
  try {
    await post('/auth/logout', {}, { once: true });
  } catch (error) {
    if (error.status !== 401) throw error;
  }
  adopt(null);
}

/**
 * Whether the signed-in user may do this somewhere; the server decides for the single thing.
 * @param {string} action such as `events.manage`
 */
export function can(action) {
  return session.value?.actions?.includes(action) ?? false;
}

const tenantKey = 'event-manager:tenant';

function rememberTenant(slug) {
  try {
    localStorage.setItem(tenantKey, slug);
  } catch {
    // Storage can be forbidden; the tenant is then asked for each time.
  }
}

/** The organisation that was last signed in to on this device, by its short name. */
export function rememberedTenant() {
  try {
    return localStorage.getItem(tenantKey);
  } catch {
    return null;
  }
}
