/* Asks again until there is nothing more to wait for: quickly at first, then at a walk, not at all while nobody looks. */
import { onScopeDispose } from 'vue'

export interface Poll {
  start(): void
  stop(): void
}

export function usePoll(ask: () => Promise<boolean>, first = 700, longest = 5000): Poll {
  let timer: ReturnType<typeof setTimeout> | undefined
  let delay = first
  let running = false

  async function tick() {
    timer = undefined
    if (!running) return
    if (document.hidden) return plan()
    let goOn = true
    try {
      goOn = await ask()
    } catch {
      /* the next try may reach the server again */
    }
    delay = Math.min(longest, Math.round(delay * 1.3))
    if (running && goOn) plan()
    else running = false
  }
  function plan() {
    timer = setTimeout(tick, delay)
  }
  const wake = () => {
    if (running && !document.hidden && timer) {
      clearTimeout(timer)
      delay = first
      void tick()
    }
  }
  document.addEventListener('visibilitychange', wake)
  const poll = {
    start() {
      if (running) return
      running = true
      delay = first
      plan()
    },
    stop() {
      running = false
      if (timer) clearTimeout(timer)
      timer = undefined
    },
  }
  onScopeDispose(() => {
    poll.stop()
    document.removeEventListener('visibilitychange', wake)
  })
  return poll
}
