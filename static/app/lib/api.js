/** The one way to the server: JSON in and out, CSRF token, entity tags, problems as errors. */

const base = new URL('../../api/v1', import.meta.url).pathname;

let csrfToken = null;
let onSignedOut = () => {};

/** Remembers the token that unsafe requests must carry. */
export function setCsrfToken(token) {
  csrfToken = token;
}

/** Names what to do when the server no longer knows the session. */
export function whenSignedOut(callback) {
  onSignedOut = callback;
}

/** An answer other than success, or no answer at all (`status` 0). */
export class ApiError extends Error {
  /**
   * @param {number} status HTTP status, 0 when the server could not be reached
   * @param {object} problem the problem document (RFC 9457)
   * @param {string|null} requestId for support
   */
  constructor(status, problem, requestId) {
    super(problem.detail || problem.title || `The server answered ${status}.`);
    this.status = status;
    this.code = problem.code ?? 'unknown';
    this.title = problem.title ?? 'That did not work';
    this.problem = problem;
    this.requestId = problem.requestId ?? requestId;
    /** @type {{pointer: string, message: string}[]} */
    this.errors = problem.errors ?? [];
  }
}

/**
 * Sends a request.
 * @param {string} method HTTP method
 * @param {string} path below `/api/v1`, or an absolute path with that base, as the trash gives it
 * @param {{body?: object, ifMatch?: number|null, signal?: AbortSignal, keepSession?: boolean}} options
 * @returns {Promise<any>} the parsed answer, or null when there is none
 */
export async function send(method, path, { body, ifMatch, signal, keepSession } = {}) {
  const headers = { accept: 'application/json' };
  if (body !== undefined) headers['content-type'] = 'application/json';
  if (method !== 'GET' && csrfToken) headers['x-csrf-token'] = csrfToken;
  if (ifMatch != null) headers['if-match'] = `"${ifMatch}"`;
  let response;
  try {
    response = await fetch(base + path.replace(/^\/api\/v1/, ''), {
      method, headers, signal, credentials: 'same-origin', cache: 'no-store',
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new ApiError(0, {
      title: 'The server cannot be reached',
      detail: 'Check the network connection and try again. Nothing was lost on this device.',
      code: 'unreachable',
    }, null);
  }
  const requestId = response.headers.get('x-request-id');
  const text = await response.text();
  const data = text ? parse(text, response.status, requestId) : null;
  if (response.ok) return data;
  const error = new ApiError(response.status, data ?? {}, requestId);
  if (response.status === 401 && !keepSession) onSignedOut();
  throw error;
}

function parse(text, status, requestId) {
  try {
    return JSON.parse(text);
  } catch {
    throw new ApiError(status, { title: 'The answer could not be read', code: 'unreadable' }, requestId);
  }
}

export const get = (path, options) => send('GET', path, options);
export const post = (path, body = {}, options = {}) => send('POST', path, { ...options, body });
export const put = (path, body, options = {}) => send('PUT', path, { ...options, body });
export const patch = (path, body, ifMatch) => send('PATCH', path, { body, ifMatch });

/**
 * Deletes a resource.
 * @param {string} path of the resource
 * @param {{reason?: string, confirm?: boolean, ifMatch?: number}} options
 */
export function remove(path, { reason, confirm, ifMatch } = {}) {
  const query = new URLSearchParams();
  if (reason) query.set('reason', reason);
  if (confirm) query.set('confirm', 'true');
  return send('DELETE', query.size ? `${path}?${query}` : path, { ifMatch });
}

/** Reads every page of a list. */
export async function getAll(path, options) {
  const items = [];
  let cursor = null;
  do {
    const query = new URLSearchParams({ limit: '500', ...(cursor && { cursor }) });
    const page = await get(`${path}${path.includes('?') ? '&' : '?'}${query}`, options);
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor);
  return items;
}
