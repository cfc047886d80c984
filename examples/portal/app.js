// The views, and how one leads to another.

import * as api from './api.js'
import { field, form, h, link, show } from './dom.js'

const email = () => field('E-mail address',
  { name: 'username', type: 'email', autocomplete: 'username', autofocus: true })

const newPassword = properties => field('New password',
  { name: 'password', type: 'password', autocomplete: 'new-password', ...properties })

const card = (...children) => h('section', { className: 'card narrow' }, ...children)

function signIn(text) {
  const submit = async ({ username, password }) => {
    const answer = await api.login(username, password)
    return answer.requires_password_change ? choosePassword(answer) : home()
  }
  show(card(
    form({ title: 'Sign in', text, button: 'Sign in', submit },
      email(),
      field('Password', { name: 'password', type: 'password', autocomplete: 'current-password' })),
    link('Forgot your password?', forgotPassword)))
}

/** The password was a temporary one. The session that came with the question is good for minutes. */
function choosePassword(question) {
  const submit = async ({ password }) => {
    await api.completePasswordChange(question, password)
    return home()
  }
  const text = `${question.username} has a temporary password. Choose one of your own.`
  show(card(
    form({ title: 'Choose a password', text, button: 'Continue', submit },
      newPassword({ autofocus: true })),
    link('Sign in as somebody else', () => signIn())))
}

function forgotPassword() {
  const submit = async ({ username }) => {
    const { message } = await api.forgotPassword(username)
    resetPassword(username, message)
  }
  const text = 'We will send you a code with which you can choose a new one.'
  show(card(
    form({ title: 'Forgot your password?', text, button: 'Send code', submit }, email()),
    link('Back to sign in', () => signIn())))
}

function resetPassword(username, text) {
  const submit = async ({ code, password }) => {
    await api.resetPassword(username, code.trim(), password)
    signIn('Your password has been changed. Sign in with the new one.')
  }
  show(card(
    form({ title: 'Choose a new password', text, button: 'Change password', submit },
      field('Code', { name: 'code', inputMode: 'numeric', autocomplete: 'one-time-code', autofocus: true }),
      newPassword()),
    link('Back to sign in', () => signIn())))
}

async function home() {
  const user = await api.me()
  const rows = [
    ['E-mail address', user.email],
    ['Role', user.role],
    ['User id', user.user_id],
  ]
  const list = rows.flatMap(([term, value]) =>
    [h('dt', { textContent: term }), h('dd', { textContent: value })])
  show(
    h('header', {},
      h('strong', { textContent: 'Portal' }),
      h('span', { className: 'who', textContent: user.email }),
      link('Sign out', signOut)),
    h('section', { className: 'card' }, h('h1', { textContent: 'Who am I' }), h('dl', {}, list)),
    ...(user.is_admin ? await administration() : []))
}

async function signOut() {
  await api.logout().catch(() => {})
  signIn('You have signed out.')
}

// --- administration ------------------------------------------------------------------------------

async function administration() {
  const total = h('span', { className: 'count' })
  const body = h('tbody')
  const notice = h('p', { className: 'notice', role: 'alert', hidden: true })
  const more = h('button', { type: 'button', className: 'quiet', textContent: 'More' })

  const tell = message => {
    notice.textContent = message
    notice.hidden = !message
  }

  // Of two lists on their way, the one that was asked for last counts.
  let asked = 0
  const load = async token => {
    const mine = ++asked
    more.disabled = true
    try {
      const page = await api.users(token)
      if (mine !== asked) return
      total.textContent = page.total
      if (!token) body.replaceChildren()
      body.append(...page.users.map(user => row(user, tell)))
      more.hidden = page.pagination_token === null
      more.onclick = () => load(page.pagination_token).catch(error => tell(error.message))
    } finally {
      if (mine === asked) more.disabled = false
    }
  }

  const submit = async ({ username, password, invite }, form) => {
    await api.createUser(username, password, invite === 'on')
    form.reset()
    await load()
  }
  await load()
  return [
    h('section', { className: 'card' },
      h('h1', {}, 'Users ', total),
      h('div', { className: 'scroll' }, h('table', {}, head(), body)), notice, more),
    h('section', { className: 'card narrow left' },
      form({ title: 'New user', button: 'Create user', submit },
        field('E-mail address', { name: 'username', type: 'email', autocomplete: 'off' }),
        field('Temporary password', { name: 'password', autocomplete: 'off' }),
        h('label', { className: 'check' },
          h('input', { type: 'checkbox', name: 'invite', defaultChecked: true }),
          'Send an invitation'))),
  ]
}

const head = () => h('thead', {}, h('tr', {},
  ['User', 'Status', 'Groups', ''].map(textContent => h('th', { textContent }))))

function row(user, tell) {
  const groups = user.groups.map(textContent => h('span', { className: 'tag', textContent }))
  const line = h('tr', { className: user.enabled ? '' : 'off' },
    h('td', { textContent: user.email || user.username }),
    h('td', { textContent: user.enabled ? user.status : 'DISABLED', className: 'status' }),
    h('td', {}, groups))
  const toggle = h('button', { className: 'quiet', textContent: user.enabled ? 'Disable' : 'Enable' })
  toggle.onclick = async () => {
    toggle.disabled = true
    tell('')
    try {
      await api.setEnabled(user.username, !user.enabled)
      line.replaceWith(row({ ...user, enabled: !user.enabled }, tell))
    } catch (error) {
      tell(error.message)
      toggle.disabled = false
    }
  }
  line.append(h('td', { className: 'action' }, toggle))
  return line
}

// --- start ---------------------------------------------------------------------------------------

addEventListener('signed-out', () => signIn('Please sign in again.'))

if (api.isSignedIn()) {
  home().catch(error => error.status === 401 || signIn(error.message))
} else {
  signIn()
}
