/** What is below the fold is made when it comes near to the window, and stays from then on. */
import type { ComponentChildren } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'

/** px that it took when it was last seen, by name: so that a page is as long as it was when one comes back to it. */
const heights = new Map<string, number>()

/**
 * @param name of what is made; the same at each visit.
 * @param height px that it takes until then, so that what is below does not jump.
 */
export function Near({
  name,
  height,
  children,
}: {
  readonly name: string
  readonly height: number
  readonly children: ComponentChildren
}) {
  const place = useRef<HTMLDivElement>(null)
  const [isNear, setNear] = useState(false)
  useEffect(() => {
    const observer = new IntersectionObserver(
      (entries) => {
        if (!entries.some(({ isIntersecting }) => isIntersecting)) return
        setNear(true)
        observer.disconnect()
      },
      { rootMargin: '400px 0px' },
    )
    observer.observe(place.current!)
    return () => observer.disconnect()
  }, [])
  useLayoutEffect(() => {
    const made = place.current!
    if (isNear)
      return () => {
        heights.set(name, made.offsetHeight)
      }
  }, [name, isNear])
  return (
    <div ref={place} style={isNear ? {} : { minHeight: `${heights.get(name) ?? height}px` }}>
      {isNear && children}
    </div>
  )
}
