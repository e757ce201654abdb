import type { Code, Setting } from './code.ts';
import type { Form } from './form.ts';
import { typedArray } from './typed-arrays.ts';

/** Up to this many values wait on the stages of one array; longer ones are copied for each write. */
const STAGE_LIMIT = 2 ** 18;

/**
 * Elements with members: a loop that checks each and puts what will be stored onto stages, one for each member, and a
 * loop that stores from there. What is wrong falls through to the closures.
 *
 * @param listOf answers an array-like for what is no array, or throws
 */
export function stagedElements(
  code: Code,
  element: Form,
  count: number,
  stride: number,
  value: string,
  listOf: (other: unknown) => ArrayLike<unknown>,
): Setting | undefined {
  const e = code.local();
  const { bind, guard, calls, put, held } = code.repeated(() => element.code!.set(code, e, ''));
  if (held.length * count > STAGE_LIMIT) return undefined;
  const stages = held.map(({ local, kind }) => {
    return { local, stage: code.stage(typedArray(kind ?? '', count) ?? Array(count).fill(0)) };
  });
  const keep = stages.map(({ local, stage }) => `${stage}[i]=${local};`).join('');
  const fetch = stages.map(({ local, stage }) => `const ${local}=${stage}[i];`).join('');
  const take = code.define(
    `x=>{if(!Array.isArray(x))x=${code.use(listOf)}(x);if(x.length!==${count})return false;` +
      `for(let i=0;i<${count};i+=1){var ${e}=x[i];${bind}${guard === '' ? '' : `if(!(${guard}))return false;`}${calls}${keep}}return true}`,
  );
  const give = code.define(`(v,at)=>{for(let i=0,p=at;i<${count};i+=1,p+=${stride}){${fetch}${put('p')}}}`);
  return {
    bind: '',
    guard: `${take}(${value})`,
    calls: '',
    put: (at) => `${give}(v,${at});`,
    held: [],
    reach: 0,
  };
}
