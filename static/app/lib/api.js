/** The one way to the server: JSON in and out, CSRF token, entity tags, problems as errors. */
import { sendTold } from './sending.js';
import { noteStoreState } from './store-state.js';

const base = new URL('../../api/v1', import.meta.url).pathname;

/** The whole address of a path below `/api/v1`, for what is not asked for with {@link send}. */
export const addressOf = (path) => base + path;

/** How long an answer may take, in milliseconds. On a bad network a request would otherwise hang for minutes. */
const usualPatience = 30_000;

let csrfToken = null;
let askToSignIn = async () => false;
let renewToken = async () => false;

/** Remembers the token that unsafe requests must carry. */
export function setCsrfToken(token) {
  csrfToken = token;
}

/**
 * Names what to do when the server refuses the session. Each callback tells whether the request may be tried again.
 * @param {{ended: () => Promise<boolean>, token: () => Promise<boolean>}} callbacks `ended`: nobody is signed in any
 * more; `token`: the session is another than the one the token was given for
 */
export function whenRefused({ ended, token }) {
  askToSignIn = ended;
  renewToken = token;
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
 * @param {{body?: object|Blob, ifMatch?: number|null, signal?: AbortSignal, once?: boolean, patience?: number,
 *   file?: string, onSent?: (bytes: number) => void}} options `once`: a refused session is the caller's matter; `patience`: milliseconds that the answer
 * may take; `file`: the answer is a file, of this name unless the server gives it one; `onSent` is told how much of a large
 * body is on its way
 * @returns {Promise<any>} the parsed answer, or null when there is none, or the file
 */
export async function send(method, path, options = {}) {
  try {
    return await sendOnce(method, path, options);
  } catch (error) {
    if (options.once) throw error;
    const again = (error.status === 401 && await askToSignIn()) || (error.code === 'csrf' && await renewToken());
    if (!again) throw error;
    return sendOnce(method, path, options);
  }
}

async function sendOnce(method, path, { body, ifMatch, signal, patience = usualPatience, file: fileName, onSent }) {
  const headers = { accept: fileName ? '*/*' : 'application/json' };
  const file = body instanceof Blob;
  if (body !== undefined) headers['content-type'] = file ? body.type : 'application/json';
  if (method !== 'GET' && csrfToken) headers['x-csrf-token'] = csrfToken;
  if (ifMatch != null) headers['if-match'] = `"${ifMatch}"`;
  let response;
  try {
    const address = base + path.replace(/^\/api\/v1/, '');
    const request = {
      method, headers, credentials: 'same-origin', cache: 'no-store',
      signal: AbortSignal.any([AbortSignal.timeout(patience), ...(signal ? [signal] : [])]),
      body: body === undefined || file ? body : JSON.stringify(body),
    };
    response = await (onSent ? sendTold(address, request, onSent) : fetch(address, request));
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new ApiError(0, {
      title: 'The server cannot be reached',
      detail: 'Check the network connection and try again. Nothing was lost on this device.',
      code: 'unreachable',
    }, null);
  }
  noteStoreState(response);
  const requestId = response.headers.get('x-request-id');
  if (response.ok && fileName) return fileOf(response, fileName);
  const text = await response.text();
  const data = text ? parse(text, response.status, requestId) : null;
  if (response.ok) return data;
  throw new ApiError(response.status, data ?? {}, requestId);
}

async function fileOf(response, name) {
  const named = /filename\*=UTF-8''([^;]+)/i.exec(response.headers.get('content-disposition') ?? '');
  return new File([await response.blob()], named ? decodeURIComponent(named[1]) : name);
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
