/** Who is signed in, and what they may do. */
import { computed, signal } from './view.js';
import { get, post, setCsrfToken, whenSignedOut } from './api.js';

/** The session as `GET /me` gives it; null when nobody is signed in; undefined until that is known. */
export const session = signal(undefined);

/** Whether the session only serves to judge, so that the judge pages are home. */
export const judgesOnly = computed(() => {
  const grants = session.value?.grants ?? [];
  return grants.length > 0 && grants.every(({ role }) => role === 'JUDGE');
});

/** Takes over a session that the server has just given. */
export function adopt(value) {
  setCsrfToken(value?.csrfToken ?? null);
  session.value = value;
}

whenSignedOut(() => adopt(null));

/** Finds out whether the cookie still stands for a session. */
export async function resume() {
  try {
    adopt(await get('/me', { keepSession: true }));
  } catch (error) {
    if (error.status !== 401) throw error;
    adopt(null);
  }
}

export async function signIn(credentials) {
  adopt(await post('/auth/login', credentials, { keepSession: true }));
}

export async function signOut() {
  try {
    await post('/auth/logout', {}, { keepSession: true });
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
