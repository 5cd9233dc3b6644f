/** What is below the fold is made when it comes near to the window, and stays from then on. */
import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'

/** @param height px that it takes until then, so that what is below does not jump. */
export function Near({
  height,
  children,
}: {
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
  return (
    <div ref={place} style={isNear ? {} : { minHeight: `${height}px` }}>
      {isNear && children}
    </div>
  )
}
