// What an administrator does in the UI, by the names that people read on the screen.

const dialog = (page) => page.getByRole('dialog').filter({ visible: true }).last();

/** Fills in the fields of the dialog or page by their labels; a list is chosen from by its text. */
export async function fill(scope, values) {
  for (const [label, value] of Object.entries(values)) {
    const field = scope.getByLabel(label, { exact: false }).first();
    if (await field.evaluate((element) => element.tagName === 'SELECT')) await field.selectOption({ label: value });
    else await field.fill(value);
  }
}

/** Opens the dialog behind a button, fills it in and submits it; waits until it is gone. */
export async function create(page, button, values, submit) {
  await page.getByRole('button', { name: button, exact: true }).click();
  const form = dialog(page);
  await fill(form, values);
  await form.getByRole('button', { name: submit, exact: true }).click();
  await form.waitFor({ state: 'hidden' });
}

export { dialog };

/** Goes to a part of the administration by the navigation. */
export async function visit(page, name) {
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name, exact: true }).click();
  await page.getByRole('heading', { level: 1, name }).waitFor();
}

/** A judge's account: created as a user, linked to a judge of the same name. */
export async function createJudge(page, { name, email, password }) {
  await page.getByRole('button', { name: 'New user' }).click();
  const form = dialog(page);
  await form.getByLabel('Name', { exact: true }).fill(name);
  await fill(form, { 'E-mail': email, Password: password });
  await form.getByRole('button', { name: 'Add a role' }).click();
  await form.getByLabel('Scores as').selectOption({ label: 'A new judge of the same name' });
  await form.getByRole('button', { name: 'Create user' }).click();
  await form.waitFor({ state: 'hidden' });
}

/** The rows of the results: place, name, total and the reason in words. */
export async function readResults(page) {
  await page.getByRole('table', { name: /^Results/ }).waitFor();
  return page.locator('.results tbody tr').evaluateAll((rows) => rows.map((row) => ({
    place: row.querySelector('.place-mark').textContent.trim(),
    name: row.querySelector('.result-name').textContent.trim(),
    total: row.querySelector('.result-total').textContent.trim(),
    why: row.querySelector('.why').textContent.trim(),
  })));
}
