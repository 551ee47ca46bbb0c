import type { BindOnFluentSyntax, ContainerModuleLoadOptions, ServiceIdentifier } from 'inversify'

/** A typed name under which the container holds one thing. */
export type Token<T> = ServiceIdentifier<T>

/** Makes a token; two tokens of one name are two tokens. */
export const token = <T>(name: string): Token<T> => Symbol(name) as unknown as Token<T>

type Tokens<A extends ReadonlyArray<unknown>> = { readonly [K in keyof A]: Token<A[K]> }

/** Binds a token to what a function makes of other tokens, once; a wrong, missing or swapped dependency does not compile. */
export const bindTo = <T, A extends ReadonlyArray<unknown>>(
  { bind }: Pick<ContainerModuleLoadOptions, 'bind'>,
  to: Token<T>,
  make: (...needs: A) => T | Promise<T>,
  needs: Tokens<A>,
): Pick<BindOnFluentSyntax<T>, 'onDeactivation'> =>
  bind<unknown>(to as Token<unknown>)
    .toResolvedValue((...found: ReadonlyArray<unknown>) => make(...(found as unknown as A)), [...needs] as never)
    .inSingletonScope() as unknown as BindOnFluentSyntax<T>
