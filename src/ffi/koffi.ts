/**
 * The one door to koffi. Everything native goes through {@link library}: a function is bound at its first call, so that
 * importing the declarations of another system's library costs nothing and loads nothing.
 */
import { createRequire } from 'node:module';
import koffi, { type KoffiFunc } from 'koffi';
import { MapFileError } from '../base/errors.ts';
import { platform, type System, system } from '../base/host.ts';

export { koffi };

/** Where koffi is, for a worker that starts from text and resolves nothing by itself. */
export const koffiPath: string = createRequire(import.meta.url).resolve('koffi');

/** An address in this process. Pointers are bigints: they exceed 2^53. */
export type Address = bigint & { readonly __brand: 'Address' };

export interface Library {
  /** Declares one function by koffi's C-like prototype; it is bound at its first call. */
  lazy<F extends (...args: never[]) => unknown>(prototype: string): F;
  /**
   * The same, called on a thread of libuv's pool: for calls that wait for a disk, never for another process. The error
   * number stays behind on that thread; whoever needs it calls again synchronously.
   */
  pooled<F extends (...args: never[]) => unknown>(
    prototype: string,
  ): (...args: Parameters<F>) => Promise<ReturnType<F>>;
}

/**
 * A library, loaded at the first call of one of its functions.
 *
 * @param file the library's name, or null for the symbols of this process
 * @param systems where it exists; elsewhere each call throws ERR_PLATFORM_UNSUPPORTED
 */
export function library(file: string | null, systems: readonly System[]): Library {
  let loaded: ReturnType<typeof koffi.load> | undefined;
  const bind = <F extends (...args: never[]) => unknown>(prototype: string): KoffiFunc<F> => {
    if (!systems.includes(system)) {
      const feature = /(\w+)\s*\(/.exec(prototype)?.[1] ?? prototype;
      throw new MapFileError(
        'ERR_PLATFORM_UNSUPPORTED',
        `Cannot call ${feature}: this system is ${platform}, it exists on ${systems.join(' and ')} only`,
        { feature, platform },
      );
    }
    loaded ??= koffi.load(file);
    return loaded.func(prototype) as unknown as KoffiFunc<F>;
  };
  return {
    lazy<F extends (...args: never[]) => unknown>(prototype: string): F {
      let bound: F | undefined;
      return ((...args: Parameters<F>) => {
        bound ??= bind<F>(prototype);
        return bound(...args);
      }) as F;
    },
    pooled<F extends (...args: never[]) => unknown>(prototype: string) {
      let bound: KoffiFunc<F> | undefined;
      return (...args: Parameters<F>) =>
        new Promise<ReturnType<F>>((resolve, reject) => {
          bound ??= bind<F>(prototype);
          const done = (error: unknown, result: ReturnType<F>) => (error ? reject(error) : resolve(result));
          (bound.async as (...all: unknown[]) => void)(...args, done);
        });
    },
  };
}
