// The example application in headless Chromium, as people use it. Reads a task from stdin, writes
// what happened to stdout as a list of [event, detail].
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const task = JSON.parse(readFileSync(0, 'utf8'))
const require = createRequire(`${task.packages}/`)
const { chromium } = require('playwright-core')

const events = []
const browser = await chromium.launch({
  executablePath: task.chromium,
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
})
const context = await browser.newContext({ viewport: { width: 1000, height: 720 } })
const page = await context.newPage()
page.setDefaultTimeout(15_000)
page.on('pageerror', error => events.push(['page error', error.message]))

const shot = name => page.screenshot({ path: `${task.screenshots}/portal-${name}.png` })
const title = async text => page.getByRole('heading', { name: text }).waitFor()
const type = (label, value) => page.getByLabel(label, { exact: true }).fill(value)
const press = name => page.getByRole('button', { name }).click()
const told = async () => (await page.locator('.notice:visible').textContent()).trim()
const note = async (event, locator) => events.push([event, (await page.locator(locator).allTextContents()).map(t => t.trim())])
const row = email => page.locator('tr', { hasText: email })
/** Turns pages until a user is there: nobody says in which order they come. */
const find = async email => {
  // It is disabled while a page is on its way, and hidden after the last one.
  const more = page.locator('button:enabled', { hasText: 'More' })
  while (true) {
    await row(email).or(more).first().waitFor()
    if (await row(email).count() > 0) return
    await more.click()
  }
}

async function signIn(username, password) {
  await title('Sign in')
  await type('E-mail address', username)
  await type('Password', password)
  await press('Sign in')
}

const steps = {
  async wrongPassword() {
    await page.goto(task.page)
    await title('Sign in')
    await shot('sign-in')
    await signIn(task.user, 'wrong')
    events.push(['refused', await told()])
    await shot('refused')
  },

  async whoAmI() {
    await signIn(task.user, task.password)
    await title('Who am I')
    await note('me', 'dd')
    events.push(['sections', await page.locator('section').count()])
    await shot('who-am-i')
    const stored = await page.evaluate(() => [Object.keys(localStorage), Object.keys(sessionStorage), document.cookie])
    events.push(['stored', stored])
    await page.reload()
    await title('Who am I')
    await press('Sign out')
    await title('Sign in')
    events.push(['stored', await page.evaluate(() => [Object.keys(localStorage), Object.keys(sessionStorage), document.cookie])])
    await page.reload()
    await title('Sign in')
  },

  async temporaryPassword() {
    await signIn(task.temporary, task.password)
    await title('Choose a password')
    await shot('choose-a-password')
    await type('New password', 'short')
    await press('Continue')
    events.push(['refused', await told()])
    await type('New password', task.fresh)
    await press('Continue')
    await title('Who am I')
    await note('me', 'dd')
    await press('Sign out')
  },

  async forgottenPassword() {
    await title('Sign in')
    await press('Forgot your password?')
    await title('Forgot your password?')
    await type('E-mail address', task.user)
    await shot('forgot')
    await press('Send code')
    await title('Choose a new password')
    await shot('code')
    const messages = await (await fetch(`${task.inbox}.json?to=${task.user}`)).json()
    await type('Code', messages[0].code)
    await type('New password', task.fresh)
    await press('Change password')
    await title('Sign in')
    await signIn(task.user, task.fresh)
    await title('Who am I')
    await press('Sign out')
  },

  async administration() {
    await signIn(task.admin, task.password)
    await title('Users')
    await find(task.user)
    await shot('administration')
    await type('E-mail address', task.created)
    await type('Temporary password', 'Temp0rary')
    await page.getByLabel('Send an invitation').uncheck()
    await press('Create user')
    await find(task.created)
    await row(task.created).getByRole('button').click()
    await row(task.created).getByText('DISABLED').waitFor()
    events.push(['disabled', (await row(task.created).locator('td').allTextContents())])
    await row(task.created).scrollIntoViewIfNeeded()
    await shot('disabled')
    await row(task.created).getByRole('button').click()
    await row(task.created).getByText('FORCE_CHANGE_PASSWORD').waitFor()
    events.push(['enabled', (await row(task.created).locator('td').allTextContents())])
    await type('E-mail address', task.created)
    await type('Temporary password', 'Temp0rary')
    await press('Create user')
    events.push(['refused', await told()])
    await page.setViewportSize({ width: 390, height: 800 })
    await page.evaluate(() => scrollTo(0, 0))
    await shot('narrow')
    await page.setViewportSize({ width: 1000, height: 720 })
  },

  /** The access token is refused: one refresh for all calls, and nobody notices. */
  async wornOutToken() {
    let refreshes = 0
    let refused = false
    await page.route('**/api/auth/refresh-token', route => { refreshes += 1; return route.continue() })
    await page.route('**/api/admin/**', async route => {
      const headers = route.request().headers()
      if (!refused && headers.authorization) {
        refused = true
        return route.continue({ headers: { ...headers, authorization: 'Bearer worn-out' } })
      }
      return route.continue()
    })
    await row(task.created).getByRole('button').click()
    await row(task.created).getByText('DISABLED').waitFor()
    events.push(['refreshes', refreshes])
  },

  /** The sign-in is ended elsewhere. */
  async endedElsewhere() {
    const token = await page.evaluate(() => sessionStorage.getItem('portal.refreshToken'))
    const body = JSON.stringify({ refresh_token: token })
    const headers = { 'content-type': 'application/json' }
    await fetch(`${task.base}/api/auth/logout`, { method: 'POST', headers, body })
    await row(task.created).getByRole('button').click()
    await title('Sign in')
    await note('told', 'form p:visible')
  },
}

try {
  for (const [name, step] of Object.entries(steps)) {
    events.push(['step', name])
    await step()
  }
} catch (error) {
  await shot('failure')
  events.push(['failure', String(error)])
} finally {
  await browser.close()
}
process.stdout.write(JSON.stringify(events))
