/* Who is asking, as the server says. One reactive value for the whole page. */
import { ref } from 'vue'
import { call, setCsrf } from './api/client'
import type { Session } from './api/types'
import { ApiError } from './api/client'

export const session = ref<Session | null>(null)
/** Who may do what, for the buttons; the server decides. */
const RANK = ['viewer', 'hr', 'seal', 'owner']
export const atLeast = (role: string) => RANK.indexOf(session.value?.role ?? '') >= RANK.indexOf(role)
let asked = false

export function setSession(s: Session | null) {
  session.value = s
  asked = true
  setCsrf(s?.csrf ?? '')
}

/** The session, asked for once; null when nobody is signed in. */
export async function currentSession(again = false): Promise<Session | null> {
  if (asked && !again) return session.value
  try {
    setSession(await call('getSession'))
  } catch (e) {
    if (!(e instanceof ApiError) || e.status !== 401) throw e
    setSession(null)
  }
  return session.value
}

export async function endSession() {
  try {
    await call('logout')
  } finally {
    setSession(null)
  }
}
