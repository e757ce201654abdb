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
    set: end,
    has: end,
  });
  try {
    Reflect.construct(Class, []);
  } catch {
    // Whatever a constructor throws on a stand-in says nothing.
  } finally {
    delete probing.stand;
  }
  return found;
}

function looksLikeField(Class: object, names: ReadonlySet<string>): boolean {
  for (
    let each: object | null = Class;
    each !== null && each !== Function.prototype;
    each = Object.getPrototypeOf(each) as object | null
  ) {
    const source = Function.prototype.toString.call(each);
    for (const name of names) {
      const escaped = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
      if (new RegExp(`[;{}\\s]['"[]*${escaped}['"\\]]*\\s*(?:=(?![=>])|;|\\n|\\})`).test(source)) return true;
    }
  }
  return false;
}
