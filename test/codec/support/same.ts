type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Compiles with `true` where the types are the same, `any` and `never` told from all others. */
export const same = <A, B>(_: Equal<A, B>): void => undefined;
