import { computed, onScopeDispose, ref } from 'vue'

/** Whole seconds until an instant; 0 when it is past or unknown. */
export function useCountdown() {
  const until = ref(0)
  const now = ref(Date.now())
  const timer = setInterval(() => (now.value = Date.now()), 500)
  onScopeDispose(() => clearInterval(timer))
  return {
    left: computed(() => Math.max(0, Math.ceil((until.value - now.value) / 1000))),
    to(instant: string | null | undefined) {
      until.value = Date.parse(instant ?? '') || 0
      now.value = Date.now()
    },
  }
}
