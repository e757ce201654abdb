/** Set while a class is probed: what its base constructor returns instead of constructing. */
export const probing: { stand?: object } = {};

/** Thrown out of a probed constructor at its first step that is no field. */
const stop = new Error('probed');

/**
 * The first class field of `Class`, or of a class it extends, that has the name of a member.
 *
 * A field is defined on the object itself and hides the accessor in the prototype, so the member would silently stop
 * being memory. Fields show in no reflection: where the source text looks as if there were one, the constructor runs
 * once on a stand-in that records what is defined on it and ends at anything else.
 */
export function shadowingField(
  Class: abstract new (...args: never) => object,
  names: ReadonlySet<string>,
): string | undefined {
  if (!looksLikeField(Class, names)) return undefined;
  let found: string | undefined;
  let sure = false;
  const end = (): never => {
    throw stop;
  };
  probing.stand = new Proxy(Object.create(Class.prototype as object) as object, {
    defineProperty(_, key) {
      if (typeof key !== 'string' || !names.has(key)) return true;
      found = key;
      throw stop;
    },
    get: end,
    // A constructor's own step: its fields have been defined before.
    set() {
      sure = true;
      throw stop;
    },
    has: end,
  });
  try {
    Reflect.construct(Class, []);
    sure = true;
  } catch {
    // Whatever a constructor throws on a stand-in says nothing.
  } finally {
    delete probing.stand;
  }
  return found ?? (sure ? undefined : fieldInText(Class, names));
}

/** A method with the name of a member, which would hide it as a field does. */
export function shadowingMethod(
  Class: abstract new (...args: never) => object,
  Base: abstract new (...args: never) => object,
  names: ReadonlySet<string>,
): string | undefined {
  for (
    let each = Class.prototype as object | null;
    each !== null && each !== (Base.prototype as object);
    each = Object.getPrototypeOf(each) as object | null
  ) {
    for (const name of names) if (typeof Object.getOwnPropertyDescriptor(each, name)?.value === 'function') return name;
  }
  return undefined;
}

/** For fields behind one whose initialiser asks for more than a stand-in has: what the text says. */
function fieldInText(Class: object, names: ReadonlySet<string>): string | undefined {
  for (const source of sourcesOf(Class)) {
    const text = source.replace(
      /\/\*[\s\S]*?\*\/|\/\/.*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g,
      (part) => (names.has(part.slice(1, -1)) ? part : part.startsWith('/') ? ' ' : "''"),
    );
    // What is nested goes, from the inside out: methods, arguments, literals.
    let body = bodyOf(text);
    for (let before = ''; before !== body; ) {
      before = body;
      body = body.replace(/\{[^{}]*\}/g, ';').replace(/\([^()]*\)|\[[^[\]]*\]/g, "''");
    }
    for (const name of names) {
      // A line that an operator leads to is no declaration.
      const start = '(?:^|;|(?<![=+\\-*/,?:&|<>(!~^%.]\\s*)\\n)\\s*';
      if (new RegExp(`${start}['"]?${escaped(name)}['"]?\\s*(?:=(?![=>])|[;\\n]|$)`).test(body)) return name;
    }
  }
  return undefined;
}

/** Between the last brace and the one that opens it: what the class extends may have braces too. */
function bodyOf(text: string): string {
  const end = text.lastIndexOf('}');
  let depth = 1;
  let start = end;
  while (depth > 0 && start > 0) {
    start -= 1;
    if (text[start] === '}') depth += 1;
    else if (text[start] === '{') depth -= 1;
  }
  return text.slice(start + 1, end);
}

function looksLikeField(Class: object, names: ReadonlySet<string>): boolean {
  for (const source of sourcesOf(Class)) {
    for (const name of names) {
      if (new RegExp(`[;{}\\s]['"[]*${escaped(name)}['"\\]]*\\s*(?:=(?![=>])|;|\\n|\\})`).test(source)) return true;
    }
  }
  return false;
}

/** The texts of the class and of those it extends. */
function* sourcesOf(Class: object): Generator<string> {
  for (
    let each: object | null = Class;
    each !== null && each !== Function.prototype;
    each = Object.getPrototypeOf(each) as object | null
  ) {
    yield Function.prototype.toString.call(each);
  }
}

function escaped(name: string): string {
  return name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
