// What a judge does on a phone.

/** Signs in at the judges' address. */
export async function signIn(page, { email, password }) {
  await page.goto('judge');
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('heading', { level: 1, name: 'My judging' }).waitFor();
}

/** Types marks on the keypad, which moves from criterion to criterion by itself. */
export async function keyMarks(page, marks) {
  const [first] = Object.keys(marks);
  await page.getByRole('button', { name: new RegExp(`^${first}: .*Open the keypad$`) }).click();
  for (const [criterion, mark] of Object.entries(marks)) {
    const keypad = page.getByRole('dialog', { name: criterion });
    await keypad.waitFor();
    for (const key of mark) {
      await keypad.getByRole('button', { name: key === '.' ? 'Decimal point' : key, exact: true }).click();
    }
    await keypad.getByRole('button', { name: /^(Next criterion|Done)$/ }).click();
    await keypad.waitFor({ state: 'hidden' });
  }
}

/** Reviews and submits the sheet that is open. */
export async function submit(page) {
  await page.getByRole('button', { name: 'Review', exact: true }).click();
  const review = page.getByRole('dialog', { name: 'Review your sheet' });
  await review.getByRole('button', { name: 'Submit, final' }).click();
  await review.waitFor({ state: 'hidden' });
}
