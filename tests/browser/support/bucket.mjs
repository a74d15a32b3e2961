// An object store in memory that speaks as much of S3's language as a bucket of files needs: put, get, head, delete.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';

/**
 * Starts it.
 * @returns {Promise<{environment: object, objects: Map<string, Buffer>, isAway: (away: boolean) => void}>} what a server is
 * started with to keep files there, what is there, and whether it cuts connections from now on
 */
export async function startBucket() {
  const objects = new Map();
  let away = false;
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    if (away) {
      request.socket.destroy();
      return;
    }
    const { pathname } = new URL(request.url, 'http://bucket');
    const found = objects.get(pathname);
    const md5 = (bytes) => `"${createHash('md5').update(bytes).digest('hex')}"`;
    if (request.method === 'PUT') {
      const bytes = Buffer.concat(chunks);
      objects.set(pathname, bytes);
      const sum = request.headers['x-amz-checksum-sha256'];
      response.writeHead(200, { etag: md5(bytes), ...(sum && { 'x-amz-checksum-sha256': sum }) }).end();
    } else if (request.method === 'DELETE') {
      objects.delete(pathname);
      response.writeHead(204).end();
    } else if (!found) {
      response.writeHead(404).end('<Error><Code>NoSuchKey</Code></Error>');
    } else {
      const headers = { etag: md5(found), 'last-modified': new Date(0).toUTCString(), 'content-length': found.length };
      const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
      const part = range ? found.subarray(Number(range[1]), Number(range[2]) + 1) : found;
      if (range) {
        headers['content-length'] = part.length;
        headers['content-range'] = `bytes ${range[1]}-${Number(range[1]) + part.length - 1}/${found.length}`;
      }
      response.writeHead(range ? 206 : 200, headers).end(request.method === 'HEAD' ? undefined : part);
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  // It ends with the story.
  server.unref();
  return {
    environment: {
      EVENT_MANAGER__STORAGE__BUCKET: 'house',
      EVENT_MANAGER__STORAGE__ENDPOINT: `http://127.0.0.1:${server.address().port}`,
      EVENT_MANAGER__STORAGE__ACCESS_KEY: 'house',
      EVENT_MANAGER__STORAGE__SECRET_KEY: 'a secret of the house'.replaceAll(' ', '-'),
    },
    objects,
    isAway: (value) => {
      away = value;
    },
  };
}
