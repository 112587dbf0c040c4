/** What the architecture rules need to know of one source file, read off its syntax tree. */
import ts from "typescript";

export type Import = {
  readonly from: string;
  /** Nothing of it is left at run time. */
  readonly typeOnly: boolean;
  readonly names: readonly string[];
  readonly line: number;
};

export type Named = { readonly name: string; readonly line: number };

export type Facts = {
  readonly lines: number;
  readonly imports: readonly Import[];
  /** Uses of the world around: `process`, `console`, `Date.now`, `new Date()`, `Math.random`, timers ... */
  readonly effects: readonly Named[];
  readonly functions: readonly (Named & { readonly length: number })[];
};

const globals = new Set(
  "process console fetch performance setTimeout setInterval setImmediate clearTimeout clearInterval WebSocket EventSource".split(
    " ",
  ),
);
const members = new Set([
  "Date.now",
  "Math.random",
  "AbortSignal.timeout",
  "crypto.randomUUID",
  "crypto.getRandomValues",
]);

export function scan(path: string, text: string): Facts {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, false, ts.ScriptKind.TS);
  const lineOf = (node: ts.Node) => source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
  const imports: Import[] = [];
  const effects: Named[] = [];
  const functions: (Named & { length: number })[] = [];
  const bound = new Set<string>();

  const visit = (node: ts.Node, parent: ts.Node): void => {
    const imported = importOf(node);
    if (imported !== undefined) imports.push({ ...imported, line: lineOf(node) });
    if (ts.isFunctionLike(node) && "body" in node && node.body !== undefined) {
      const line = lineOf(node);
      const end = source.getLineAndCharacterOfPosition(node.end).line + 1;
      functions.push({ name: nameOf(node, parent), line, length: end - line + 1 });
    }
    const binding = bindingOf(node);
    if (binding !== undefined) bound.add(binding);
    const effect = effectOf(node, parent);
    if (effect !== undefined) effects.push({ name: effect, line: lineOf(node) });
    ts.forEachChild(node, (child) => visit(child, node));
  };
  visit(source, source);
  const lines = text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
  return { lines, imports, effects: effects.filter(({ name }) => !bound.has(name)), functions };
}

function importOf(node: ts.Node): Omit<Import, "line"> | undefined {
  if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
    const clause = node.importClause;
    const named = clause?.namedBindings;
    const specifiers = named !== undefined && ts.isNamedImports(named) ? [...named.elements] : [];
    const whole = clause?.name !== undefined || (named !== undefined && ts.isNamespaceImport(named));
    const allTypes = specifiers.length > 0 && !whole && specifiers.every(({ isTypeOnly }) => isTypeOnly);
    return {
      from: node.moduleSpecifier.text,
      typeOnly: clause?.phaseModifier === ts.SyntaxKind.TypeKeyword || allTypes,
      names: specifiers.map(({ name, propertyName }) => (propertyName ?? name).text),
    };
  }
  if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined && ts.isStringLiteral(node.moduleSpecifier)) {
    const clause = node.exportClause;
    const specifiers = clause !== undefined && ts.isNamedExports(clause) ? [...clause.elements] : [];
    const allTypes = specifiers.length > 0 && specifiers.every(({ isTypeOnly }) => isTypeOnly);
    const names = specifiers.map(({ name, propertyName }) => (propertyName ?? name).text);
    return { from: node.moduleSpecifier.text, typeOnly: node.isTypeOnly || allTypes, names };
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    const [target] = node.arguments;
    const from = target !== undefined && ts.isStringLiteralLike(target) ? target.text : "<computed>";
    return { from, typeOnly: false, names: [] };
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument) && ts.isStringLiteral(node.argument.literal)) {
    return { from: node.argument.literal.text, typeOnly: true, names: [] };
  }
  return undefined;
}

function effectOf(node: ts.Node, parent: ts.Node): string | undefined {
  if (ts.isPropertyAccessExpression(node)) {
    const owner = ts.isIdentifier(node.expression) ? node.expression.text : "";
    if (owner === "globalThis" && globals.has(node.name.text)) return node.name.text;
    return members.has(`${owner}.${node.name.text}`) ? `${owner}.${node.name.text}` : undefined;
  }
  if (ts.isNewExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === "Date") {
    return (node.arguments?.length ?? 0) === 0 ? "new Date()" : undefined;
  }
  if (ts.isIdentifier(node) && globals.has(node.text) && isRead(node, parent)) return node.text;
  return undefined;
}

/** Whether this identifier is an expression of its own, not the name of a member, a key or a type. */
function isRead(node: ts.Identifier, parent: ts.Node): boolean {
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isPropertyAssignment(parent)) return parent.initializer === node;
  if (ts.isShorthandPropertyAssignment(parent)) return true;
  if (ts.isBindingElement(parent) || ts.isParameter(parent) || ts.isVariableDeclaration(parent)) {
    return parent.initializer === node;
  }
  return (
    !ts.isDeclarationStatement(parent) && !ts.isTypeElement(parent) && !ts.isClassElement(parent) && isPlain(parent)
  );
}

const isPlain = (parent: ts.Node): boolean =>
  !ts.isTypeNode(parent) &&
  !ts.isQualifiedName(parent) &&
  !ts.isImportSpecifier(parent) &&
  !ts.isExportSpecifier(parent) &&
  !ts.isImportClause(parent) &&
  !ts.isMethodDeclaration(parent) &&
  !ts.isLabeledStatement(parent);

function bindingOf(node: ts.Node): string | undefined {
  if (ts.isVariableDeclaration(node) || ts.isParameter(node) || ts.isBindingElement(node)) {
    return ts.isIdentifier(node.name) ? node.name.text : undefined;
  }
  if (ts.isFunctionDeclaration(node) || ts.isImportSpecifier(node) || ts.isImportClause(node)) return node.name?.text;
  return undefined;
}

function nameOf(node: ts.SignatureDeclaration, parent: ts.Node): string {
  if (node.name !== undefined && ts.isIdentifier(node.name)) return node.name.text;
  if ((ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent)) && ts.isIdentifier(parent.name)) {
    return parent.name.text;
  }
  return "(anonymous)";
}
