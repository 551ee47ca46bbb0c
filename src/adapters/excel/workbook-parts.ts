import { posix } from 'node:path'
import type { SheetChoice } from '../../application/ports/workbook-reader.ts'
import { plainText } from './cell.ts'
import { refusal } from './refusal.ts'
import { readWholeXml } from './xml.ts'
import type { Parts } from './zip-guard.ts'

export type Sheet = { readonly name: string; readonly part: string; readonly visible: boolean }
export type WorkbookPart = { readonly sheets: ReadonlyArray<Sheet>; readonly date1904: boolean }

const STRICT = 'http://purl.oclc.org/ooxml'

type Relation = { readonly kind: string; readonly part: string }

/** The parts that a part refers to; what lies outside the file is left alone. */
const relationsOf = async (parts: Parts, part: string): Promise<ReadonlyMap<string, Relation>> => {
  const name = posix.join(posix.dirname(part), '_rels', `${posix.basename(part)}.rels`)
  const relations = new Map<string, Relation>()
  if (!parts.names.includes(name)) return relations
  await readWholeXml(await parts.open(name), {
    open: (tag, { Id, Type, Target, TargetMode }) => {
      if (tag !== 'Relationship' || Id === undefined || Target === undefined || TargetMode === 'External') return
      const target = Target.startsWith('/') ? Target.slice(1) : posix.join(posix.dirname(part), Target)
      relations.set(Id, { kind: posix.basename(Type ?? ''), part: target })
    },
  })
  return relations
}

const workbookPartOf = async (parts: Parts): Promise<string> => {
  const root = [...(await relationsOf(parts, ''))].find(([, { kind }]) => kind === 'officeDocument')?.[1].part
  const part = root ?? 'xl/workbook.xml'
  if (!parts.names.includes(part) || !part.endsWith('.xml') || part.startsWith('word/') || part.startsWith('ppt/'))
    throw refusal({ type: 'NotAWorkbook', found: 'another kind of Office document' })
  return part
}

export const readWorkbookPart = async (
  parts: Parts,
): Promise<WorkbookPart & { readonly styles: string | null; readonly sharedStrings: string | null }> => {
  const part = await workbookPartOf(parts)
  const relations = await relationsOf(parts, part)
  const sheets: Sheet[] = []
  let date1904 = false
  let isWorkbook = false
  await readWholeXml(await parts.open(part), {
    open: (tag, attributes) => {
      if (tag === 'workbook') {
        isWorkbook = true
        if (attributes.conformance === 'strict' || Object.values(attributes).some((value) => value.startsWith(STRICT)))
          throw refusal({ type: 'StrictOpenXml' })
      }
      if (tag === 'workbookPr') date1904 = ['1', 'true', 'on'].includes(attributes.date1904 ?? '')
      if (tag !== 'sheet') return
      const id = Object.entries(attributes).find(([name]) => /(?:^|:)id$/.test(name))?.[1]
      const relation = relations.get(id ?? '')
      if (relation?.kind === 'worksheet')
        sheets.push({
          name: plainText(attributes.name ?? '') ?? '',
          part: relation.part,
          visible: (attributes.state ?? 'visible') === 'visible',
        })
    },
  })
  if (!isWorkbook) throw refusal({ type: 'NotAWorkbook', found: 'another kind of Office document' })
  const other = (kind: string) => {
    const found = [...relations.values()].find((relation) => relation.kind === kind)?.part
    return found !== undefined && parts.names.includes(found) ? found : null
  }
  return { sheets, date1904, styles: other('styles'), sharedStrings: other('sharedStrings') }
}

const words = (name: string): string => name.trim().toLowerCase()

/** Picks the sheet to read; a hidden sheet is read only when asked for by its name or when there is no other. */
export const chooseSheet = (sheets: ReadonlyArray<Sheet>, choice: SheetChoice): Sheet => {
  const shown = sheets.some(({ visible }) => visible) ? sheets.filter(({ visible }) => visible) : sheets
  const chosen =
    choice.type === 'named'
      ? sheets.find(({ name }) => words(name) === words(choice.name))
      : ((choice.type === 'like' ? shown.find(({ name }) => words(name).includes(words(choice.word))) : undefined) ??
        shown[0])
  if (chosen !== undefined) return chosen
  const wanted = choice.type === 'named' ? choice.name : 'a sheet'
  throw refusal({ type: 'SheetNotFound', wanted, found: sheets.map(({ name }) => name).slice(0, 50) })
}

/** The texts that cells point at, by number; phonetic guides are no part of a text. */
export const readSharedStrings = async (parts: Parts, part: string | null): Promise<ReadonlyArray<string | null>> => {
  const texts: Array<string | null> = []
  if (part === null) return texts
  let text = ''
  let inText = false
  let phonetic = false
  await readWholeXml(await parts.open(part), {
    open: (tag) => {
      if (tag === 'si') text = ''
      else if (tag === 'rPh') phonetic = true
      else if (tag === 't') inText = !phonetic
    },
    text: (piece) => {
      if (inText) text += piece
    },
    close: (tag) => {
      if (tag === 'si') texts.push(plainText(text))
      else if (tag === 'rPh') phonetic = false
      else if (tag === 't') inText = false
    },
  })
  return texts
}

/** Built-in number formats that show a date or a time (ECMA-376 18.8.30 and the East Asian ones). */
const isBuiltInDate = (id: number): boolean =>
  (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 45 && id <= 47) || (id >= 50 && id <= 58)

export const isDateFormat = (code: string): boolean =>
  code.toLowerCase() !== 'general' && /[dmyhs]/i.test(code.replaceAll(/"[^"]*"|\[[^\]]*\]|[\\_*]./g, ''))

/** For each cell style, by number, whether it shows a number as a date. */
export const readDateStyles = async (parts: Parts, part: string | null): Promise<ReadonlyArray<boolean>> => {
  const styles: boolean[] = []
  if (part === null) return styles
  const formats = new Map<number, string>()
  let inCellXfs = false
  await readWholeXml(await parts.open(part), {
    open: (tag, attributes) => {
      const id = Number(attributes.numFmtId ?? 0)
      if (tag === 'cellXfs') inCellXfs = true
      else if (tag === 'numFmt') formats.set(id, attributes.formatCode ?? '')
      else if (tag === 'xf' && inCellXfs)
        styles.push(formats.has(id) ? isDateFormat(formats.get(id) ?? '') : isBuiltInDate(id))
    },
    close: (tag) => {
      if (tag === 'cellXfs') inCellXfs = false
    },
  })
  return styles
}
