import type { Form } from './form.ts';
import { accessible } from './live-class.ts';

type Live = NonNullable<Form['live']>;

/**
 * Lets instances of a class stand for less than its struct: beside each stands a plain live object of the shortened form,
 * which answers for the members that differ and for the whole.
 *
 * Nothing changes for a class before its first shortened instance.
 *
 * @param own what the class extends, where `super` finds things first; `base` is the live class behind it
 */
export function shortenedInstances(form: Form, own: object, base: object): (live: Live, short: Form) => Live {
  const plain = new WeakMap<object, Record<string, unknown>>();
  const known = new Set([...accessible(form.members!, 0)].map(({ member }) => member.form));

  const divert = (key: string) => {
    if (Object.hasOwn(own, key)) return;
    const { value, get, set, ...flags } = Object.getOwnPropertyDescriptor(base, key)!;
    const method = value as ((...args: unknown[]) => unknown) | undefined;
    Object.defineProperty(own, key, {
      ...flags,
      ...(method && {
        value(this: object, ...args: unknown[]) {
          const other = plain.get(this);
          return other ? (other[key] as typeof method)(...args) : method.apply(this, args);
        },
      }),
      ...(get && {
        get(this: object) {
          const other = plain.get(this);
          return other ? other[key] : get.call(this);
        },
      }),
      ...(set && {
        set(this: object, given: unknown) {
          const other = plain.get(this);
          if (other) other[key] = given;
          else set.call(this, given);
        },
      }),
    });
  };

  return (live, short) => {
    for (const { member } of accessible(short.members!, 0)) if (!known.has(member.form)) divert(member.key);
    divert('snapshot');
    divert('assign');
    return (range, at, path) => {
      const instance = live(range, at, path) as object;
      plain.set(instance, short.live!(range, at, path) as Record<string, unknown>);
      return instance;
    };
  };
}
