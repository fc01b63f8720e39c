/**
 * The words of each statement in an SQL string, lower-cased, as Postgres' lexer sees them: comments (nested ones too),
 * string constants, dollar quotes and quoted identifiers hide what is inside them. Strings and numbers are left out;
 * a quoted identifier is `"`, so that it is never taken for a keyword; `(`, `)` and `.` stay.
 *
 * Source: PostgreSQL documentation, chapter 4.1 (lexical structure), with standard_conforming_strings = on.
 */
export function statementWords(sql: string): string[][] {
  const statements: string[][] = []
  let words: string[] = []
  const endStatement = () => {
    if (words.length > 0) statements.push(words)
    words = []
  }
  let at = 0
  while (at < sql.length) {
    const rest = sql.charAt(at)
    if (rest === '-' && sql.charAt(at + 1) === '-') {
      at = endOfLine(sql, at)
    } else if (rest === '/' && sql.charAt(at + 1) === '*') {
      at = afterBlockComment(sql, at)
    } else if (rest === "'") {
      at = afterQuoted(sql, at, "'", false)
    } else if (rest === '"') {
      at = afterQuoted(sql, at, '"', false)
      words.push('"')
    } else if (rest === '$') {
      at = afterDollar(sql, at)
    } else if (rest === ';') {
      endStatement()
      at += 1
    } else if (rest === '(' || rest === ')' || rest === '.') {
      words.push(rest)
      at += 1
    } else {
      wordPattern.lastIndex = at
      const word = wordPattern.exec(sql)?.[0]
      if (word === undefined) {
        at += 1
        continue
      }
      at += word.length
      const isEscapeString = /^e$/i.test(word) && sql.charAt(at) === "'"
      if (isEscapeString) at = afterQuoted(sql, at, "'", true)
      else words.push(word.toLowerCase())
    }
  }
  endStatement()
  return statements
}

// A number counts as a word here: it keeps `1copy` from looking like `copy`.
const wordPattern = /[\p{L}\p{N}_\u0080-\uffff][\p{L}\p{N}_$\u0080-\uffff]*/uy
const dollarTagPattern = /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y

// A comment ends at a carriage return too: taking it for the line's content would hide the next line from us.
function endOfLine(sql: string, from: number): number {
  for (let at = from; at < sql.length; at += 1) {
    const character = sql.charAt(at)
    if (character === '\n' || character === '\r') return at
  }
  return sql.length
}

function afterBlockComment(sql: string, from: number): number {
  let depth = 0
  let at = from
  while (at < sql.length) {
    if (sql.startsWith('/*', at)) {
      depth += 1
      at += 2
    } else if (sql.startsWith('*/', at)) {
      depth -= 1
      at += 2
      if (depth === 0) return at
    } else {
      at += 1
    }
  }
  return sql.length
}

function afterQuoted(sql: string, from: number, quote: string, hasBackslashes: boolean): number {
  let at = from + 1
  while (at < sql.length) {
    const character = sql.charAt(at)
    if (hasBackslashes && character === '\\') at += 2
    else if (character !== quote) at += 1
    else if (sql.charAt(at + 1) === quote) at += 2
    else return at + 1
  }
  return sql.length
}

function afterDollar(sql: string, from: number): number {
  dollarTagPattern.lastIndex = from
  const tag = dollarTagPattern.exec(sql)?.[0]
  if (tag === undefined) return from + 1
  const end = sql.indexOf(tag, from + tag.length)
  return end === -1 ? sql.length : end + tag.length
}
