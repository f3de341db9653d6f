/**
 * Holds requests to the types of the pinned Stripe library. Nothing is generated beforehand: the TypeScript compiler reads
 * the library's own declarations (about a second, once per test file) and is asked about a parameter when it comes. So an
 * unknown, misspelt, missing or ill-typed parameter is refused as Stripe would refuse it, after an update of the library too.
 */
import { join } from 'node:path'
import { API, type Checker, SymbolFlags, type Type, TypeFlags } from 'typescript/unstable/sync'
import type { Requests } from './requests.ts'

export type Form = { [name: string]: Form | string }

interface Complaint {
  code: 'parameter_unknown' | 'parameter_missing' | 'parameter_invalid'
  param: string
}

let opened: { checker: Checker; requests: Map<string, Type> } | undefined

function open() {
  const api = new API({ cwd: import.meta.dirname })
  const snapshot = api.updateSnapshot({ openProjects: [join(import.meta.dirname, 'tsconfig.json')] })
  const { checker, program } = snapshot.getProjects()[0]!
  const file = program.getSourceFile(join(import.meta.dirname, 'requests.ts'))!
  const requests = checker.getExportsOfModule(checker.getSymbolAtLocation(file)!)[0]!
  const calls = checker.getPropertiesOfType(checker.getDeclaredTypeOfSymbol(requests))
  const types = calls.map((call) => [call.name, checker.getTypeOfSymbol(call)!] as const)
  return { checker, requests: new Map(types) }
}

/** What is wrong with the parameters of a call (`POST /refunds`); null when Stripe would take them. */
export function complaintAbout(call: keyof Requests, given: unknown, isForm: boolean): Complaint | null {
  opened ??= open()
  const { checker, requests } = opened
  return complaint(requests.get(call)!, given, '')

  function complaint(type: Type, value: unknown, param: string): Complaint | null {
    const wrong: Complaint = { code: 'parameter_invalid', param }
    if (type.isUnionType()) return ofUnion(type.getTypes() ?? [], value, wrong)
    if (type.isLiteralType()) return String(type.value) === (isForm ? value : String(value)) ? null : wrong
    if (type.flags & (TypeFlags.String | TypeFlags.Intersection)) return typeof value === 'string' ? null : wrong
    if (type.flags & TypeFlags.Number) return isNumber(value) ? null : wrong
    if (typeof value !== 'object' || value === null) return wrong
    if (checker.isArrayType(type) && type.isTypeReference()) {
      const element = checker.getTypeArguments(type)[0]!
      return first(Object.entries(value), ([index, one]) => complaint(element, one, `${param}[${index}]`))
    }
    return ofObject(type, value, param)
  }

  function ofUnion(types: readonly Type[], value: unknown, wrong: Complaint): Complaint | null {
    // Stripe's open lists (`'a' | 'b' | string`) are closed here: a word nobody wrote down is a misspelt one.
    const isList = types.some((one) => one.isStringLiteralType() && one.value !== '')
    const all = types.filter((one) => !(one.flags & TypeFlags.Undefined) && !(isList && one.isIntersectionType()))
    const complaints = all.map((one) => complaint(one, value, wrong.param))
    return complaints.includes(null) ? null : (complaints.find((one) => one?.param !== wrong.param) ?? wrong)
  }

  function ofObject(type: Type, value: object, param: string): Complaint | null {
    const properties = new Map(checker.getPropertiesOfType(type).map((property) => [property.name, property]))
    const any = checker.getIndexInfosOfType(type)[0]?.valueType
    const nameOf = (name: string) => (param ? `${param}[${name}]` : name)
    const required = [...properties.values()].filter(({ flags }) => !(flags & SymbolFlags.Optional))
    const missing = required.find(({ name }) => !(name in value))
    if (missing) return { code: 'parameter_missing', param: nameOf(missing.name) }
    return first(Object.entries(value), ([name, one]) => {
      const property = properties.get(name)
      const of = property ? checker.getTypeOfSymbol(property) : any
      return of ? complaint(of, one, nameOf(name)) : { code: 'parameter_unknown', param: nameOf(name) }
    })
  }

  /** A form knows texts alone. */
  function isNumber(value: unknown): boolean {
    return isForm ? typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) : typeof value === 'number'
  }
}

function first<Item>(items: Item[], check: (item: Item) => Complaint | null): Complaint | null {
  for (const item of items) {
    const found = check(item)
    if (found) return found
  }
  return null
}

/** `a[b][0]=c`, as Stripe's library writes it. */
export function formOf(params: URLSearchParams): Form {
  const form: Form = {}
  for (const [name, value] of params) {
    const path = name.replaceAll(']', '').split('[')
    let place = form
    for (const word of path.slice(0, -1)) {
      place[word] ??= {}
      place = place[word] as Form
    }
    place[path.at(-1)!] = value
  }
  return form
}
