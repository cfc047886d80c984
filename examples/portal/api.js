// The portal API as this application uses it, and where its tokens are.
//
// The access token is kept in memory and dies with the page. The refresh token is kept in
// sessionStorage, so that a reload does not sign anybody out; it dies with the tab, and other sites
// cannot read it.

import { API } from './config.js'

const REFRESH_TOKEN = 'portal.refreshToken'

let accessToken = null
let refreshing = null

/** A refusal of the API, in its own words. */
export class Refusal extends Error {
  constructor(status, detail) {
    super(inWords(detail))
    this.status = status
  }
}

/** A list of problems, as a 422 has it, becomes a text. */
function inWords(detail) {
  if (!Array.isArray(detail)) return detail ?? 'The server did not answer as expected.'
  return detail.map(problem => `${problem.loc.slice(1).join('.')}: ${problem.msg}`).join('\n')
}

async function send(method, path, body, token) {
  const headers = {}
  if (body !== undefined) headers['Content-Type'] = 'application/json'
  if (token) headers.Authorization = `Bearer ${token}`
  const sent = { method, headers, body: body === undefined ? undefined : JSON.stringify(body) }
  const response = await fetch(API + path, sent).catch(() => {
    throw new Refusal(0, 'The server cannot be reached.')
  })
  const answer = await response.json().catch(() => ({}))
  if (!response.ok) throw new Refusal(response.status, answer.detail)
  return answer
}

/** A call with the access token. If that is worn out, once more with a new one. */
async function call(method, path, body) {
  if (!accessToken) await refresh()
  try {
    return await send(method, path, body, accessToken)
  } catch (refusal) {
    if (refusal.status !== 401) throw refusal
    await refresh()
    return send(method, path, body, accessToken)
  }
}

/** Gets a new access token. Calls that need one at the same time share it. */
function refresh() {
  refreshing ??= renew().finally(() => { refreshing = null })
  return refreshing
}

async function renew() {
  const token = sessionStorage.getItem(REFRESH_TOKEN)
  if (!token) throw new Refusal(401, 'Please sign in.')
  try {
    keep(await send('POST', '/api/auth/refresh-token', { refresh_token: token }))
  } catch (refusal) {
    // The sign-in has ended. Anything else, such as a server that restarts, may pass.
    if (refusal.status === 401) {
      forget()
      dispatchEvent(new Event('signed-out'))
    }
    throw refusal
  }
}

function keep(answer) {
  accessToken = answer.access_token
  sessionStorage.setItem(REFRESH_TOKEN, answer.refresh_token)
}

function forget() {
  accessToken = null
  sessionStorage.removeItem(REFRESH_TOKEN)
}

/** Whether somebody may still be signed in. */
export const isSignedIn = () => sessionStorage.getItem(REFRESH_TOKEN) !== null

/** Signs in. The answer may ask for a new password first: `requires_password_change`. */
export async function login(username, password) {
  const answer = await send('POST', '/api/auth/login', { username, password })
  if (!answer.requires_password_change) keep(answer)
  return answer
}

/** Replaces a temporary password, which completes the login that asked for it. */
export async function completePasswordChange({ username, session }, newPassword) {
  const body = { username, session, new_password: newPassword }
  keep(await send('POST', '/api/auth/complete-password-change', body))
}

export async function logout() {
  const token = sessionStorage.getItem(REFRESH_TOKEN)
  forget()
  await send('POST', '/api/auth/logout', { refresh_token: token })
}

export const forgotPassword = username => send('POST', '/api/auth/forgot-password', { username })

export const resetPassword = (username, code, newPassword) =>
  send('POST', '/api/auth/reset-password', { username, code, new_password: newPassword })

export const me = () => call('GET', '/api/auth/me')

export const users = token => {
  const query = new URLSearchParams({ limit: 10 })
  if (token) query.set('pagination_token', token)
  return call('GET', `/api/admin/users?${query}`)
}

export const createUser = (email, temporaryPassword, sendEmail) =>
  call('POST', '/api/admin/users', {
    username: email,
    email,
    temporary_password: temporaryPassword,
    send_email: sendEmail,
  })

export const setEnabled = (username, enabled) => {
  const user = encodeURIComponent(username)
  return call('POST', `/api/admin/users/${user}/${enabled ? 'enable' : 'disable'}`)
}
