import type { Code, Setting } from './code.ts';
import type { Form } from './form.ts';
import { typedArray } from './typed-arrays.ts';

/** Up to this many values wait on the stages of one array; longer ones are copied for each write. */
const STAGE_LIMIT = 2 ** 20;

/**
 * Elements with members: a loop that checks each and puts what will be stored onto stages, one for each member, and a
 * loop that stores from there. What is wrong falls through to the closures. A stage keeps what it holds (texts, copies) until
 * the next write.
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
  const slots = code.times * count;
  const { bind, guard, calls, put, held } = code.repeated(count, () => element.code!.set(code, e, ''));
  if (held.length * slots > STAGE_LIMIT) return undefined;
  const stages = held.map(({ local, kind }) => {
    return { local, stage: code.stage(typedArray(kind ?? '', slots) ?? Array(slots).fill(0)) };
  });
  const keep = stages.map(({ local, stage }) => `${stage}[k]=${local};`).join('');
  const fetch = stages.map(({ local, stage }) => `const ${local}=${stage}[k];`).join('');
  const take = code.define(
    `(x,k)=>{if(!Array.isArray(x))x=${code.use(listOf)}(x);if(x.length!==${count})return false;` +
      `for(let i=0;i<${count};i+=1,k+=1){var ${e}=x[i];${bind}${guard === '' ? '' : `if(!(${guard}))return false;`}${calls}${keep}}return true}`,
  );
  const give = code.define(`(v,p,k)=>{for(const end=k+${count};k<end;k+=1,p+=${stride}){${fetch}${put('p')}}}`);
  // `k` is the slot of the loop around it.
  const first = code.times === 1 ? '0' : `k*${count}`;
  return {
    bind: '',
    guard: `${take}(${value},${first})`,
    calls: '',
    put: (at) => `${give}(v,${at},${first});`,
    held: [],
    reach: 0,
  };
}
