// Two organisations on one server: neither sees the other, and the operators see neither's events.
import { look } from '../support/browser.mjs';
import { create, dialog, fill, visit } from '../support/admin.mjs';
import { admin, setUp } from '../support/api.mjs';
import { signIn, signInAtDesk } from '../support/people.mjs';
import { story } from '../support/story.mjs';

const noor = { name: 'Noor Haddad', email: 'noor@lantern.example' };

story('an operator makes a tenant, and its first administrator sees only that', async ({ server, step, enter }) => {
  const api = await setUp(server);
  await api.post('/events', { name: 'Spring Song Night' });
  const operator = await enter();
  const createAdmin = ({ name, email }, ...more) => server.command(
    'user', 'create', '--tenant', 'lantern-fair', '--role', 'ADMIN', '--email', email, '--name', name, ...more,
  );

  await step('an operator makes a tenant', async () => {
    const { page } = operator;
    await signInAtDesk(page, admin, { tenant: 'system', first: 'Users' });
    await visit(page, 'Tenants');
    await look(operator, 'tenants');
    await page.getByRole('button', { name: 'New tenant' }).click();
    await fill(dialog(page), { Name: 'Lantern Fair', 'Short name': 'lantern-fair' });
    await dialog(page).getByRole('button', { name: 'Create tenant' }).click();
    await page.getByRole('dialog', { name: 'First administrator of “Lantern Fair”' }).waitFor();
    await dialog(page).getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('row', { name: /Lantern Fair/ }).waitFor();
  });

  await step('an operator gives accounts the one role there is among operators', async () => {
    const { page } = operator;
    await visit(page, 'Users');
    await page.getByRole('button', { name: 'New user' }).click();
    await dialog(page).getByLabel('Name', { exact: true }).fill('Second Operator');
    await fill(dialog(page), { 'E-mail': 'second@example.org', Password: 'two keys to one door' });
    await dialog(page).getByRole('button', { name: 'Add a role' }).click();
    await dialog(page).getByRole('button', { name: 'Create user' }).click();
    await page.getByRole('row', { name: /Second Operator.*Super admin/ }).waitFor();
  });

  await step('the new administrator sees an empty tenant', async () => {
    const printed = await createAdmin(noor);
    const [, password] = /^password: (.+)$/m.exec(printed);
    const person = await enter();
    const { page } = person;
    await signInAtDesk(page, { ...noor, password });
    await page.getByText('No events yet').waitFor();
    await page.getByText('Lantern Fair').filter({ visible: true }).first().waitFor();
    await visit(page, 'Users');
    await page.getByRole('row', { name: /Noor Haddad/ }).waitFor();
    await page.getByRole('row', { name: /Mara Lind/ }).waitFor({ state: 'detached' });
    await page.goto('#/tenants');
    await page.getByRole('heading', { name: 'Your account may not see this page' }).waitFor();
    await look(person, 'not-allowed');
    await page.getByRole('link', { name: 'Go to your first page' }).click();
    await create(page, 'New event', { Name: 'Night of Lanterns' }, 'Create event');
    await page.getByRole('heading', { level: 1, name: 'Night of Lanterns' }).waitFor();
  });

  await step('the first organisation sees nothing of it', async () => {
    const { page } = await enter();
    await signInAtDesk(page, admin);
    await page.getByRole('link', { name: 'Spring Song Night' }).waitFor();
    await page.getByRole('link', { name: 'Night of Lanterns' }).waitFor({ state: 'detached' });
    await visit(page, 'Users');
    await page.getByRole('row', { name: /Mara Lind/ }).waitFor();
    await page.getByRole('row', { name: /Noor Haddad/ }).waitFor({ state: 'detached' });
  });

  await step('whoever is known in several organisations is asked which, once on each device', async () => {
    await createAdmin(admin, '--password-file', await server.file('password', admin.password));
    const person = await enter({ expected: [422] });
    const { page } = person;
    await signIn(page, admin, { at: './' });
    await page.locator('[name=tenant][aria-invalid=true]').waitFor();
    await look(person, 'sign-in-several');
    await fill(page, { Organisation: 'lantern-fair' });
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('link', { name: 'Night of Lanterns' }).waitFor();
    await signOut(page);
    await signIn(page, admin);
    await page.getByRole('link', { name: 'Night of Lanterns' }).waitFor();
  });
});

async function signOut(page) {
  await page.locator('summary', { hasText: 'Account of' }).filter({ visible: true }).click();
  await page.getByRole('button', { name: 'Sign out' }).filter({ visible: true }).click();
  await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();
}
