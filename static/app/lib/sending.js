/** Sends a body and tells how far that is, which `fetch` does not. */

/**
 * @param {string} address
 * @param {{method: string, headers: Record<string, string>, body: Blob, signal: AbortSignal}} request
 * @param {(sent: number) => void} onSent is told how many bytes are on their way
 * @returns {Promise<Response>} as `fetch` gives it, and as there a failure if there is no answer
 */
export function sendTold(address, { method, headers, body, signal }, onSent) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const failed = () => reject(signal.reason ?? new TypeError('No answer came.'));
    request.open(method, address);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded }) => onSent(loaded);
    request.onload = () => resolve(answerOf(request));
    request.onerror = failed;
    request.onabort = failed;
    signal.addEventListener('abort', () => request.abort(), { once: true });
    request.send(body);
  });
}

function answerOf(request) {
  const lines = request.getAllResponseHeaders().trim().split('\r\n').map((line) => line.split(/: (.*)/s));
  const { status, responseText } = request;
  return new Response(responseText || null, { status, headers: lines.map(([name, value]) => [name, value ?? '']) });
}
