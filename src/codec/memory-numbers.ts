import { Code, generatedOr } from './code.ts';
import type { Form } from './form.ts';
import { type ElementsPlace, MemoryElements } from './memory-elements.ts';

type Class = new (place: ElementsPlace) => MemoryElements;

const classes = new WeakMap<Form, Class>();

/**
 * The class of live arrays of one kind of scalar at a fixed place: `get` and `set` in code of their own, which call sites
 * take in line. Whatever is not the plain case goes the general way, which says what is wrong.
 */
export function memoryNumbers(element: Form): Class {
  let made = classes.get(element);
  if (!made) {
    made = generatedOr(
      () => generate(element),
      () => MemoryElements,
    );
    classes.set(element, made);
  }
  return made;
}

function generate(element: Form): Class {
  if (!element.code?.isScalar) return MemoryElements;
  const code = new Code();
  const at = `at+i*${element.byteLength}`;
  const get = element.code.get(code, at);
  const { bind, guard, put } = element.code.set(code, 'x', '');
  // Offset and count are copies: the place is frozen, and read once here.
  return code.run(
    `return class extends ${code.use(MemoryElements, 'MemoryElements')}{#view;#at;#count;#writable;` +
      `constructor(place){super(place);const {elements,range}=place;` +
      `this.#view=range.dataView;this.#at=elements.at;this.#count=elements.count;this.#writable=range.access!=='read'}` +
      `get(i){if(typeof i==='number'&&(i>>>0)===i&&i<this.#count){const v=this.#view,at=this.#at;return ${get}}return super.get(i)}` +
      `set(i,x){try{if(this.#writable&&(i>>>0)===i&&i<this.#count){const v=this.#view,at=this.#at;${bind}` +
      `if(${guard}){${put(at)}return}}}catch{}super.set(i,x)}}`,
  );
}
