// The API as a program uses it, so that a story can begin where it becomes interesting.
import assert from 'node:assert/strict';

export const admin = { name: 'Mara Lind', email: 'mara@example.org', password: 'a quiet harbour at night' };

/** Requests with the same credentials. */
export class Api {
  /**
   * @param {string} url of the program
   * @param {Record<string, string>} headers that say who asks
   */
  constructor(url, headers = {}) {
    this.url = url;
    this.headers = headers;
  }

  /** Any request; gives the answer, whatever its status. */
  async request(method, path, body) {
    const response = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...this.headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text ? JSON.parse(text) : null };
  }

  /** A request that must succeed; gives what it answers. */
  async send(method, path, body) {
    const answer = await this.request(method, path, body);
    assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  get = (path) => this.send('GET', path);
  post = (path, body = {}) => this.send('POST', path, body);
  put = (path, body) => this.send('PUT', path, body);
  patch = (path, body) => this.send('PATCH', path, body);
}

async function session(url, path, body) {
  const answer = await new Api(url).request('POST', path, body);
  assert.ok(answer.status < 300, `${path}: ${JSON.stringify(answer.body)}`);
  const [cookie] = answer.headers.get('set-cookie').split(';');
  return new Api(url, { cookie, 'x-csrf-token': answer.body.csrfToken });
}

/** Sets the server up with its first administrator, who is signed in to the API. */
export function setUp({ url, code }, tenantName = 'Harbour Arts') {
  return session(url, '/setup', { code, tenantName, ...admin });
}

/** Signs in to the API. */
export function signInToApi(url, { email, password }, tenant) {
  return session(url, '/auth/login', { email, password, tenant });
}

/** Creates an account with one role in the whole tenant. */
export function createUser(api, { name, email, password }, role) {
  return api.post('/users', { name, email, password, grants: [{ role }] });
}
