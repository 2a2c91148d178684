/* Words for people. Chinese is part of the page; another language is fetched when it is asked for. */
import { computed, ref, shallowRef } from 'vue'
import zh from './messages/zh-CN'

export type Messages = typeof zh
export type Language = 'zh-CN' | 'en'

const STORE = 'qyq.lang'
type Leaves<T, P extends string = ''> = { [K in keyof T & string]: T[K] extends string ? `${P}${K}` : Leaves<T[K], `${P}${K}.`> }[keyof T & string]
export type Key = Leaves<Messages>

export const language = ref<Language>('zh-CN')
const messages = shallowRef<Messages>(zh)

export async function setLanguage(next: Language) {
  messages.value = next === 'en' ? (await import('./messages/en')).default : zh
  language.value = next
  document.documentElement.lang = next
  try {
    localStorage.setItem(STORE, next)
  } catch {
    /* private browsing: the choice holds for this visit only */
  }
}

/** Reads the choice of an earlier visit, or ?lang=en of this one. */
export async function initLanguage() {
  const asked = new URLSearchParams(location.search).get('lang')
  let kept: string | null = null
  try {
    kept = localStorage.getItem(STORE)
  } catch {
    /* as above */
  }
  if ((asked ?? kept) === 'en') await setLanguage('en')
  else document.documentElement.lang = 'zh-CN'
}

export const isEnglish = computed(() => language.value === 'en')

/** The message under a path that may not exist: undefined then. */
export function maybe(path: string): string | undefined {
  let node: unknown = messages.value
  for (const part of path.split('.')) node = (node as Record<string, unknown> | undefined)?.[part]
  return typeof node === 'string' ? node : undefined
}

export function t(key: Key, values?: Record<string, string | number>): string {
  const text = maybe(key) ?? key
  return values ? text.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? '')) : text
}

/** For keys put together from data ("state.sent"): the fallback where no words are kept. */
export function tx(path: string, fallback = ''): string {
  return maybe(path) ?? fallback
}
