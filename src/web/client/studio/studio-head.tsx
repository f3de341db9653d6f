/** The name of a page of the studio, and the ways to its neighbours and back. */
export function StudioHead({
  title,
  slug,
  near = [],
}: {
  title: string
  slug: string
  near?: ('Sales' | 'Earnings')[]
}) {
  const studio = `/studio/${slug}`
  return (
    <div class="row apart">
      <h1>{title}</h1>
      <div class="row">
        {near.map((name) => (
          <a class="button small" href={`${studio}/${name.toLowerCase()}`} key={name}>
            {name}
          </a>
        ))}
        <a class="button small" href={studio}>
          Studio
        </a>
      </div>
    </div>
  )
}
