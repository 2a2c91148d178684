/* What to tell people about an error: the server's own words when it has some. */
import { ApiError } from './api/client'
import { t } from './i18n'

export interface Explained {
  text: string
  requestId: string
  field: string
  reason: string
}

export function explain(e: unknown): Explained {
  if (e instanceof ApiError) {
    const text =
      e.message || (e.reason === 'offline' ? t('error.offline') : e.reason === 'timeout' ? t('error.timeout') : t('error.unknown', { reason: e.reason || e.status }))
    return { text, requestId: e.requestId, field: e.field, reason: e.reason }
  }
  return { text: t('error.unknown', { reason: e instanceof Error ? e.name : 'error' }), requestId: '', field: '', reason: '' }
}

export const isAbort = (e: unknown) => e instanceof DOMException && e.name === 'AbortError'
