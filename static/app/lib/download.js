/** Keeps a file of the server on the device. */
import { get } from './api.js';

/** How long a whole event may take to be gathered and sent over a bad network, in milliseconds. */
const patience = 300_000;

/**
 * Asks for a file and hands it to the browser to keep. It is asked for like anything else, so that a refusal is an error
 * with its reason and not a page or a file of its own.
 * @param {string} path below `/api/v1`
 * @param {string} name for the file unless the server gives it one
 */
export async function download(path, name) {
  const file = await get(path, { file: name, patience });
  const address = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = address;
  link.download = file.name;
  link.click();
  // The browser reads the file after the click; a minute is ample, and the page going ends it anyway.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
