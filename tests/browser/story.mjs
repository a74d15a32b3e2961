// The story of an evening, from the first start to the last restore, told by two judges and an administrator.
// Every page is looked at on the way: see `look` for what must hold.
import assert from 'node:assert/strict';
import { create, createJudge, dialog, fill, readResults, visit } from './support/admin.mjs';
import { look } from './support/browser.mjs';
import { ines, otto } from './support/competition.mjs';
import { keyMarks, signInToJudge, submit } from './support/judge.mjs';
import { story } from './support/story.mjs';

// Technique counts twice. Otto later corrects his 9 for Cleo's expression to 10. Ada and Ben have the same total; Ben
// has the higher mean on Technique.
const marks = {
  [ines.name]: { Ada: ['8.5', '9'], Ben: ['9', '8'], Cleo: ['7', '0'] },
  [otto.name]: { Ada: ['9', '9'], Ben: ['9', '9'], Cleo: ['8', '9'] },
};
const expected = [
  { place: '1', name: 'Ben', total: '53' },
  { place: '2', name: 'Ada', total: '53' },
  { place: '3', name: 'Cleo', total: '38.5' },
];

story('an evening, from the first start to the last restore', async ({ server, step, enter }) => {
  const admin = await enter({ expected: [409, 412, 422] });
  const { page } = admin;
  let results;

  await step('the first start is set up with the code that the program printed', async () => {
    await page.goto('./');
    await page.getByText('This server is new').waitFor();
    await look(admin, 'sign-in');
    await page.goto(`#/setup?code=${server.code}`);
    await fill(page, { Organisation: 'Harbour Arts', 'Your name': 'Mara Lind', 'Your e-mail': 'mara@example.org' });
    await page.getByLabel('Password').fill('short');
    await page.getByRole('button', { name: 'Create and sign in' }).click();
    await page.locator('[name=password][aria-invalid=true]').waitFor();
    await look(admin, 'setup-with-fault');
    await page.getByLabel('Password').fill('a quiet harbour at night');
    await page.getByRole('button', { name: 'Create and sign in' }).click();
    await page.getByText('No events yet').waitFor();
    await look(admin, 'events-empty');
  });

  await step('an event, a contest and a category are created', async () => {
    await page.getByRole('button', { name: 'New event' }).click();
    await look(admin, 'event-form');
    await fill(dialog(page), { Location: 'Old Fish Hall', 'Time zone': 'Europe/Vienna', Starts: '2027-05-08T19:00' });
    await dialog(page).getByRole('button', { name: 'Create event' }).click();
    await page.getByText('Please fill this in.').waitFor();
    await fill(dialog(page), { Name: 'Spring Song Night' });
    await dialog(page).getByRole('button', { name: 'Create event' }).click();
    await page.getByRole('heading', { level: 1, name: 'Spring Song Night' }).waitFor();
    await page.getByText('8 May 2027').waitFor();
    await page.getByText('No contests yet').waitFor();
    await create(page, 'New contest', { Name: 'Solo' }, 'Create contest');
    await page.getByText('No categories yet').waitFor();
    await create(page, 'New category', { Name: 'Voice', Description: 'One song, no microphone.' }, 'Create category');
    await page.getByRole('heading', { level: 1, name: 'Voice' }).waitFor();
  });

  await step('the category gets criteria and a tie-break', async () => {
    await look(admin, 'category-empty');
    const technique = { Name: 'Technique', Step: '0,5', Weight: '2', Order: '1' };
    await create(page, 'New criterion', technique, 'Create criterion');
    await create(page, 'New criterion', { Name: 'Expression', Order: '2' }, 'Create criterion');
    await page.getByRole('row', { name: /Expression/ }).waitFor();
    await look(admin, 'category-criteria');
    await page.getByRole('button', { name: 'Edit', exact: true }).click();
    await dialog(page).getByRole('button', { name: 'Add a tie-break' }).click();
    await fill(dialog(page), { 'Tie-break 1': 'Mean on one criterion' });
    await fill(dialog(page), { 'Criterion of tie-break 1': 'Technique' });
    await look(admin, 'category-form');
    await dialog(page).getByRole('button', { name: 'Save' }).click();
    await dialog(page).waitFor({ state: 'hidden' });
  });

  await step('contestants are entered', async () => {
    await page.getByRole('link', { name: 'Entrants' }).click();
    await page.getByRole('link', { name: 'Go to the contest’s entries' }).click();
    await page.getByText('Nobody is entered yet').waitFor();
    await create(page, 'Add new contestants', { 'Names, one a line': 'Ada\nBen' }, 'Add 2');
    await visit(page, 'Contestants');
    await create(page, 'New contestant', { Name: 'Cleo' }, 'Create contestant');
    await page.getByRole('row', { name: /Cleo/ }).waitFor();
    await look(admin, 'contestants');
    await page.goBack();
    await page.getByRole('row', { name: /Ada/ }).waitFor();
    await create(page, 'Add entry', { Contestant: 'Cleo' }, 'Create entry');
    await page.getByRole('row', { name: /3\s+Cleo/ }).waitFor();
    await look(admin, 'contest-entries');
  });

  await step('judges get accounts and are assigned', async () => {
    await visit(page, 'Users');
    await createJudge(page, ines);
    await createJudge(page, otto);
    await page.getByRole('row', { name: /Otto/ }).waitFor();
    await look(admin, 'users');
    await visit(page, 'Judges');
    await page.getByRole('row', { name: /ines@example.org/ }).waitFor();
    await look(admin, 'judges');
    await openCategory(page, 'Judges');
    await create(page, 'Assign judge', { Judge: ines.name }, 'Create assignment');
    await create(page, 'Assign judge', { Judge: otto.name }, 'Create assignment');
    await page.getByRole('row', { name: /Otto/ }).waitFor();
    await look(admin, 'category-judges');
  });

  // A judge’s page that asks for news while the contest is deleted gets a 404.
  const first = await enter({ phone: true, expected: [404] });
  await step('a judge scores on a phone; a reload loses nothing', async () => {
    await signInToJudge(first.page, ines);
    await look(first, 'judge-home');
    await first.page.getByRole('link', { name: 'Voice' }).click();
    await first.page.getByRole('link', { name: 'Score 1 · Ada' }).waitFor();
    await look(first, 'judge-category');
    await first.page.getByRole('link', { name: 'Score 1 · Ada' }).click();
    await first.page.getByText('2 of 2 not scored').waitFor();
    await look(first, 'judge-sheet-unscored');
    await first.page.getByRole('button', { name: 'Technique: not scored. Open the keypad' }).click();
    await dialog(first.page).getByRole('button', { name: '8', exact: true }).click();
    await look(first, 'judge-keypad');
    await first.page.keyboard.type('.7');
    await dialog(first.page).getByRole('button', { name: 'Next criterion' }).click();
    await dialog(first.page).getByText('Marks go in steps of 0.5.').waitFor();
    await first.page.keyboard.press('Backspace');
    await first.page.keyboard.type('5');
    await first.page.keyboard.press('Enter');
    await first.page.getByRole('dialog', { name: 'Expression' }).getByRole('button', { name: 'Close' }).click();
    await first.page.reload();
    await first.page.getByRole('button', { name: 'Technique: 8.5. Open the keypad' }).waitFor();
    await first.page.getByRole('button', { name: 'Expression: abstain' }).click();
    await first.page.getByText('All scored').waitFor();
    await first.page.getByRole('button', { name: 'Expression: one step more' }).click();
    await first.page.getByRole('button', { name: 'Expression: 0. Open the keypad' }).waitFor();
    await keyMarks(first.page, { Expression: marks[ines.name].Ada[1] });
    await first.page.getByLabel('Comment').fill('Clear and brave.');
    await first.page.getByText('All scored').waitFor();
    await look(first, 'judge-sheet-scored');
    await first.page.getByRole('button', { name: 'Review', exact: true }).click();
    await look(first, 'judge-review');
    await first.page.getByRole('button', { name: 'Go back' }).click();
    await submit(first.page);
    await first.page.getByText('Submitted, final').waitFor();
    await look(first, 'judge-sheet-submitted');
    for (const name of ['Ben', 'Cleo']) {
      await first.page.getByRole('link', { name: new RegExp(`· ${name}`) }).click();
      const [technique, expression] = marks[ines.name][name];
      await keyMarks(first.page, { Technique: technique, Expression: expression });
      await submit(first.page);
      await first.page.getByText('Submitted, final').waitFor();
    }
    await first.page.getByText('All sheets are submitted').waitFor();
  });

  await step('results are provisional and say what is missing', async () => {
    await openCategory(page, 'Results');
    await page.getByText('Provisional').first().waitFor();
    await page.getByText(/3 of 6 sheets/).first().waitFor();
    await look(admin, 'results-provisional');
  });

  const second = await enter({ phone: true, expected: [404, 409] });
  await step('the other judge scores; a second device overwrites nothing', async () => {
    await signInToJudge(second.page, otto);
    await second.page.getByRole('link', { name: 'Voice' }).click();
    for (const [name, [technique, expression]] of Object.entries(marks[otto.name])) {
      await second.page.getByRole('link', { name: new RegExp(`· ${name}`) }).first().click();
      await second.page.getByRole('heading', { level: 1, name }).waitFor();
      await keyMarks(second.page, { Technique: technique, Expression: expression });
      if (name === 'Ben') await submitOnTwoDevices(second, await enter({ phone: true, late: true, expected: [409] }));
      else await submit(second.page);
      await second.page.getByText('Submitted, final').waitFor();
    }
  });

  await step('a judge asks to reopen a sheet; an official agrees', async () => {
    await second.page.getByRole('button', { name: 'Ask to reopen' }).click();
    await fill(dialog(second.page), { Reason: 'I took her for number 2.' });
    await dialog(second.page).getByRole('button', { name: 'Ask', exact: true }).click();
    await second.page.getByText('You asked to reopen this sheet').waitFor();
    await openCategory(page, 'Sheets');
    await page.getByText('1 judge asks to reopen a sheet').waitFor();
    await look(admin, 'category-sheets');
    await page.getByRole('button', { name: 'Asks to reopen: sheet of Otto Brandt for Cleo' }).click();
    await look(admin, 'sheet-dialog');
    await dialog(page).getByRole('button', { name: 'Reopen', exact: true }).click();
    await fill(dialog(page), { Reason: 'Agreed at the desk.' });
    await dialog(page).getByRole('button', { name: 'Reopen', exact: true }).click();
    await page.getByText('Sheet reopened.').waitFor();
    await second.page.reload();
    await second.page.getByText('An official has reopened this sheet').waitFor();
    await second.page.getByRole('button', { name: 'Expression: one step more' }).click();
    await submit(second.page);
    await second.page.getByText('Submitted, final').waitFor();
    await look(second, 'judge-sheet-resubmitted');
  });

  await step('results have the right places, and say why', async () => {
    await page.reload();
    await page.getByRole('link', { name: 'Deductions' }).click();
    await create(page, 'New deduction', { Entry: '3 · Cleo', 'Points taken': '1,5', Reason: 'Overtime' },
      'Create deduction');
    await page.getByRole('row', { name: /Overtime/ }).waitFor();
    await look(admin, 'category-deductions');
    await page.getByRole('link', { name: 'Results', exact: true }).click();
    await page.getByText(/6 of 6 sheets/).first().waitFor();
    results = await readResults(page);
    assert.deepEqual(results.map(({ place, name, total }) => ({ place, name, total })), expected);
    assert.match(results[0].why, /Ahead of Ada.*Technique\): 9 to 8\.75/);
    assert.match(results[2].why, /38\.5/);
    await page.getByText('How this total came about').first().click();
    await look(admin, 'results');
  });

  await step('deleting a criterion with marks shows the places that would change', async () => {
    await page.getByRole('link', { name: 'Criteria' }).click();
    await page.getByRole('button', { name: 'Delete Technique' }).click();
    await dialog(page).getByRole('button', { name: 'Delete criterion' }).click();
    await dialog(page).getByText('Marks have been given under this criterion').waitFor();
    await dialog(page).getByRole('row', { name: /1 · Ada\s+2\s+1/ }).waitFor();
    await look(admin, 'delete-confirmation');
    await dialog(page).getByRole('button', { name: 'Cancel' }).click();
  });

  await step('an edit on top of somebody else’s is noticed', async () => {
    await page.getByRole('button', { name: 'Edit', exact: true }).click();
    const other = await admin.context.newPage();
    await other.goto(page.url());
    await other.getByRole('button', { name: 'Edit', exact: true }).click();
    await fill(dialog(other), { Description: 'One song, a cappella.' });
    await dialog(other).getByRole('button', { name: 'Save' }).click();
    await dialog(other).waitFor({ state: 'hidden' });
    await other.close();
    await fill(dialog(page), { Name: 'Voice, solo' });
    await dialog(page).getByRole('button', { name: 'Save' }).click();
    await dialog(page).getByText('Somebody else has changed this category meanwhile').waitFor();
    await look(admin, 'edit-conflict');
    await dialog(page).getByRole('button', { name: 'Reload' }).click();
    await dialog(page).getByText('Reloaded; your edits are kept').waitFor();
    await dialog(page).getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { level: 1, name: 'Voice, solo' }).waitFor();
    await page.getByText('One song, a cappella.').waitFor();
  });

  await step('a contest deleted by mistake comes back whole', async () => {
    await page.getByRole('navigation', { name: 'Breadcrumbs' }).getByRole('link', { name: 'Solo' }).click();
    await page.getByRole('heading', { level: 1, name: 'Solo' }).waitFor();
    await look(admin, 'contest');
    await page.locator('summary', { hasText: 'More actions' }).click();
    await page.getByRole('button', { name: 'Delete contest' }).click();
    await fill(dialog(page), { Reason: 'Wrong window' });
    await look(admin, 'delete-dialog');
    await dialog(page).getByRole('button', { name: 'Delete contest' }).click();
    await page.getByText('No contests yet').waitFor();
    await visit(page, 'Trash');
    const item = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: 'Solo' }) });
    await item.getByText('Wrong window').waitFor();
    await item.getByText('by Mara Lind').waitFor();
    await item.getByText('What hangs below').click();
    await item.getByText(/6 sheets/).waitFor();
    await look(admin, 'trash');
    await item.getByRole('button', { name: 'Restore Solo' }).click();
    await item.waitFor({ state: 'detached' });
    await openCategory(page, 'Results', 'Voice, solo');
    assert.deepEqual(await readResults(page), results);
    await page.goto('#/');
    await page.getByRole('link', { name: 'Spring Song Night' }).waitFor();
    await look(admin, 'events');
  });

  await step('the audit log shows it, and verifies', async () => {
    await visit(page, 'Audit log');
    await page.getByRole('row', { name: /Contest restored/ }).waitFor();
    await page.getByRole('row', { name: /Contest deleted/ }).waitFor();
    await page.getByRole('button', { name: 'Verify the chain' }).click();
    await page.getByText('The log is intact').waitFor();
    await look(admin, 'audit');
  });

  await step('the API reference opens without internet', async () => {
    await page.goto('api/docs');
    await page.getByText('/categories/{id}/results').first().click();
    await look(admin, 'api-docs');
    await page.goto('./');
  });

  await step('the account page serves, and signing out ends the session', async () => {
    await page.goto('#/account');
    await page.getByText('mara@example.org').filter({ visible: true }).first().waitFor();
    await look(admin, 'account');
    await page.locator('summary', { hasText: 'Account of' }).filter({ visible: true }).click();
    await page.getByRole('button', { name: 'Sign out' }).filter({ visible: true }).click();
    await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();
  });
});

/** Goes from the events down to a part of the category. */
async function openCategory(page, tab, name = 'Voice') {
  await visit(page, 'Events');
  await page.getByRole('link', { name: 'Spring Song Night' }).click();
  await page.getByRole('link', { name: 'Solo', exact: true }).click();
  await page.getByRole('link', { name, exact: true }).click();
  await page.getByRole('navigation', { name: 'Parts of the category' }).getByRole('link', { name: tab }).click();
}

/** The judge has a sheet open on two devices with different marks: the second submission is shown, not stored. */
async function submitOnTwoDevices({ page }, device) {
  await signInToJudge(device.page, otto);
  await device.page.goto(page.url());
  await keyMarks(device.page, { Technique: '9', Expression: '8' });
  await submit(page);
  await page.getByText('Submitted, final').waitFor();
  await device.page.getByRole('button', { name: 'Review', exact: true }).click();
  await device.page.getByRole('button', { name: 'Submit, final' }).click();
  await device.page.getByRole('heading', { name: 'This sheet was already submitted' }).waitFor();
  await look(device, 'judge-conflict');
  await device.page.getByRole('button', { name: 'Keep the stored sheet' }).click();
  await device.page.getByRole('button', { name: 'Ask to reopen' }).waitFor();
  await device.context.close();
}
