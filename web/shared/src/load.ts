/* Loading something for a page: the value, the error, and whether it is under way; a newer call wins over an older one. */
import { onScopeDispose, ref, shallowRef, watch, type Ref } from 'vue'
import { isAbort } from './explain'
import { language } from './i18n'

export interface Load<T> {
  value: Ref<T | undefined>
  error: Ref<unknown>
  busy: Ref<boolean>
  run(): Promise<void>
}

export function useLoad<T>(ask: (signal: AbortSignal) => Promise<T>, now = true): Load<T> {
  const value = shallowRef<T>()
  const error = shallowRef<unknown>()
  const busy = ref(now)
  let control: AbortController | undefined

  async function run() {
    control?.abort()
    const mine = (control = new AbortController())
    busy.value = true
    error.value = undefined
    try {
      const got = await ask(mine.signal)
      if (mine === control) value.value = got
    } catch (e) {
      if (mine === control && !isAbort(e)) error.value = e
    } finally {
      if (mine === control) busy.value = false
    }
  }
  onScopeDispose(() => control?.abort())
  // Part of what the server says is words.
  watch(language, () => void run())
  if (now) void run()
  return { value, error, busy, run }
}
