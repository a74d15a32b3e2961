// Signing in, for officials at the desk and judges on their phones.

/**
 * Signs in on the page that is open, or at an address.
 * @param {import('playwright-core').Page} page
 * @param {{email: string, password: string}} account
 * @param {{at?: string, tenant?: string}} options
 */
export async function signIn(page, { email, password }, { at, tenant } = {}) {
  if (at) await page.goto(at);
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(password);
  if (tenant) {
    await page.getByRole('button', { name: 'Choose organisation' }).click();
    await page.getByLabel('Organisation').fill(tenant);
  }
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

/** Signs in at the address of the officials; the heading of their first page tells that it worked. */
export async function signInAtDesk(page, account, { tenant, first = 'Events' } = {}) {
  await signIn(page, account, { at: './', tenant });
  await page.getByRole('heading', { level: 1, name: first }).waitFor();
}
