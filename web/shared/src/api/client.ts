/* The typed client: one function for all operations of the program's own description. Sends the session's CSRF token, gives
 * up after a deadline, and turns every refusal into an ApiError that carries the words for people. */
import { operations, type Operations } from './generated'
import { language } from '../i18n'

export type In<K extends keyof Operations> = Operations[K]['in']
export type Out<K extends keyof Operations> = Operations[K]['out']

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly reason: string,
    message: string,
    readonly field = '',
    readonly requestId = '',
    readonly code = '',
  ) {
    super(message)
    this.name = 'ApiError'
  }
  /** The server did not answer: nothing is known about what happened there. */
  get offline() {
    return this.status === 0
  }
}

export interface CallOptions {
  signal?: AbortSignal
  /** Milliseconds; 30 s unless said. */
  timeout?: number
}

const app = location.pathname.startsWith('/h5') ? 'h5' : 'console'
let csrf: string | null = null // null: not asked for yet; '': there is no session
let onUnauthenticated: ((e: ApiError) => void) | undefined

export function setCsrf(token: string) {
  csrf = token
}
/** Called when a session has ended on the server. */
export function whenUnauthenticated(f: (e: ApiError) => void) {
  onUnauthenticated = f
}

/** A page that has just been loaded may have a session whose token it does not know. */
async function learnCsrf() {
  const r = await fetchUntil(operations.getSession.path, { headers: { 'X-QYQ-App': app }, credentials: 'same-origin', cache: 'no-store' }, {})
  const s = r.ok ? await r.json().catch(() => null) : null
  csrf = s?.csrf ?? ''
}

type Call = { path?: Record<string, unknown>; query?: Record<string, unknown>; body?: unknown }

export function addressOf<K extends keyof Operations>(op: K, input?: In<K>): string {
  const { path = {}, query = {} } = (input ?? {}) as Call
  const address = operations[op].path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(String(path[name])))
  const pairs = Object.entries(query).filter(([, v]) => v !== undefined && v !== null && v !== '')
  return address + (pairs.length ? '?' + pairs.map(([k, v]) => `${k}=${encodeURIComponent(String(v))}`).join('&') : '')
}

/** fetch with a deadline, which also ends when the caller's signal does. */
async function fetchUntil(url: string, init: RequestInit, options: CallOptions): Promise<Response> {
  const control = new AbortController()
  let late = false
  const timer = setTimeout(() => {
    late = true
    control.abort()
  }, options.timeout ?? 30_000)
  const stop = () => control.abort()
  options.signal?.addEventListener('abort', stop)
  if (options.signal?.aborted) control.abort()
  try {
    return await fetch(url, { ...init, signal: control.signal })
  } catch (e) {
    if (options.signal?.aborted) throw e
    throw new ApiError(0, late ? 'timeout' : 'offline', '')
  } finally {
    clearTimeout(timer)
    options.signal?.removeEventListener('abort', stop)
  }
}

async function refusal(r: Response): Promise<ApiError> {
  const body = await r.json().catch(() => null)
  const e = body?.error ?? {}
  return new ApiError(r.status, e.reason || `http_${r.status}`, e.message ?? '', e.field ?? '', e.request_id ?? r.headers.get('x-request-id') ?? '', e.code ?? '')
}

export async function call<K extends keyof Operations>(
  op: K,
  ...[input, options]: In<K> extends undefined ? [undefined?, CallOptions?] : [In<K>, CallOptions?]
): Promise<Out<K>> {
  const entry = operations[op]
  const headers: Record<string, string> = { 'Accept-Language': language.value, 'X-QYQ-App': app }
  const unsafe = entry.method !== 'GET'
  if (unsafe && csrf === null) await learnCsrf()
  if (unsafe && csrf) headers['X-QYQ-CSRF'] = csrf
  const body = (input as Call | undefined)?.body
  let payload: BodyInit | undefined
  if (body instanceof Blob) {
    headers['Content-Type'] = entry.body ?? body.type
    payload = body
  } else if (body !== undefined) {
    headers['Content-Type'] = 'application/json'
    payload = JSON.stringify(body)
  }
  const ask = () => fetchUntil(addressOf(op, input as In<K>), { method: entry.method, headers, body: payload, credentials: 'same-origin', cache: 'no-store' }, options ?? {})
  let r = await ask()
  let e = r.ok ? null : await refusal(r)
  // Another tab signed in meanwhile: the session is a new one, and so is its token. Nothing was done yet.
  if (unsafe && e?.reason === 'http_csrf') {
    await learnCsrf()
    if (csrf) headers['X-QYQ-CSRF'] = csrf
    r = await ask()
    e = r.ok ? null : await refusal(r)
  }
  if (e) {
    if (e.status === 401 && ['http_login', 'session_missing'].includes(e.reason)) onUnauthenticated?.(e)
    throw e
  }
  try {
    if (entry.out === 'blob') return (await r.blob()) as Out<K>
    if (entry.out === 'none' || r.status === 204) return undefined as Out<K>
    return (await r.json()) as Out<K>
  } catch (e) {
    if (options?.signal?.aborted) throw e
    throw new ApiError(0, 'offline', '')
  }
}
