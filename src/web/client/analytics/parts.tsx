import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'
import type { Dimension, GroupView } from './analytics-api.ts'
import { DIMENSIONS, nameOf, span } from './words.ts'

export function Tiles({ figures }: { figures: readonly (readonly [name: string, value: string])[] }) {
  return (
    <dl class="tiles">
      {figures.map(([name, value]) => (
        <div class="tile" key={name} data-figure={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

export function Section({ title, children }: { title: string; children: ComponentChildren }) {
  const id = useId()
  return (
    <section class="card padded stack" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {children}
    </section>
  )
}

export interface Column<Row> {
  name: string
  read(row: Row): ComponentChildren
  /** Texts begin where words begin, numbers end where numbers end. */
  isText?: boolean
}

interface FiguresProps<Row> {
  caption: string
  rows: readonly Row[]
  columns: readonly Column<Row>[]
  keyOf(row: Row): string
}

/** A table that scrolls within itself where it is wider than a phone. */
export function Figures<Row>({ caption, rows, columns, keyOf }: FiguresProps<Row>) {
  const kind = ({ isText }: Column<Row>) => (isText ? 'text' : 'number')
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard (WCAG 2.1.1)
    <section class="figures" tabIndex={0} aria-label={caption}>
      <table>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.name} scope="col" class={kind(column)}>
                {column.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              {columns.map((column) => (
                <td key={column.name} class={kind(column)}>
                  {column.read(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

/** What a graph shows, for those who do not see it. */
export function AsTable<Row>(props: FiguresProps<Row>) {
  return (
    <details>
      <summary>As a table</summary>
      <Figures {...props} />
    </details>
  )
}

/** Of which kinds the viewers are, each kind of its own. */
export function Breakdowns({ by, viewers }: { by: Record<Dimension, readonly GroupView[]>; viewers: number }) {
  return (
    <div class="report-grid">
      {DIMENSIONS.map(({ key, title, unknown }) => (
        <Section title={title} key={key}>
          <ul class="bars">
            {by[key].map(({ name, viewers: count, watchedMs }) => {
              const called = name === null ? unknown : nameOf(key, name)
              return (
                <li class="bar" key={called} data-name={name ?? ''}>
                  <span>{called}</span>
                  <span title={`${span(watchedMs)} watched`}>{count}</span>
                  <meter min={0} max={Math.max(viewers, 1)} value={count} aria-label={`${called}: ${count}`} />
                </li>
              )
            })}
          </ul>
        </Section>
      ))}
    </div>
  )
}
