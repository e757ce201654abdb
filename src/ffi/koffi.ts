/**
 * The one door to koffi. Everything native goes through {@link library}: a function is bound at its first call, so that
 * importing the declarations of another system's library costs nothing and loads nothing.
 */
import koffi from 'koffi';
import { MapFileError } from '../base/errors.ts';
import { platform, type System, system } from '../base/host.ts';

export { koffi };

/** An address in this process. Pointers are bigints: they exceed 2^53. */
export type Address = bigint & { readonly __brand: 'Address' };

export interface Library {
  /** Declares one function by koffi's C-like prototype; it is bound at its first call. */
  lazy<F extends (...args: never[]) => unknown>(prototype: string): F;
}

/**
 * A library, loaded at the first call of one of its functions.
 *
 * @param file the library's name, or null for the symbols of this process
 * @param systems where it exists; elsewhere each call throws ERR_PLATFORM_UNSUPPORTED
 */
export function library(file: string | null, systems: readonly System[]): Library {
  let loaded: ReturnType<typeof koffi.load> | undefined;
  return {
    lazy<F extends (...args: never[]) => unknown>(prototype: string): F {
      let bound: F | undefined;
      const bind = (): F => {
        if (!systems.includes(system)) {
          const feature = /(\w+)\s*\(/.exec(prototype)?.[1] ?? prototype;
          throw new MapFileError(
            'ERR_PLATFORM_UNSUPPORTED',
            `Cannot call ${feature}: this system is ${platform}, it exists on ${systems.join(' and ')} only`,
            { feature, platform },
          );
        }
        loaded ??= koffi.load(file);
        return loaded.func(prototype) as unknown as F;
      };
      return ((...args: Parameters<F>) => {
        bound ??= bind();
        return bound(...args);
      }) as F;
    },
  };
}
