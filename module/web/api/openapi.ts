/** The OpenAPI 3.1 document of the API, made from the table of operations. */
import { z } from 'zod'
import { VERSION } from '../../service/version.ts'
import type { Operation } from './operation.ts'
import { problem } from './problem.ts'

/** The document; addresses in it are meant from where it lies itself. */
export function openApi(operations: readonly Operation[]): object {
  const paths: Record<string, Record<string, object>> = {}
  for (const operation of operations) (paths[operation.path] ??= {})[operation.method] = described(operation)
  return {
    openapi: '3.1.0',
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    info: {
      title: 'FTP server',
      version: VERSION,
      description:
        'Everything that the pages can do. Errors are problem details (RFC 9457). Times are milliseconds since 1970.',
    },
    servers: [{ url: '.' }],
    security: [{ token: [] }],
    paths,
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'Made on the page "API tokens".' },
      },
      schemas: { Problem: jsonSchema(problem, 'output') },
    },
  }
}

function described(operation: Operation): object {
  const { id, tag, summary, permission, body, merge, revised } = operation
  const type = merge ? 'application/merge-patch+json' : 'application/json'
  return {
    operationId: id,
    tags: [tag],
    summary,
    description: `Needs the permission "${permission}".`,
    parameters: [...pathParameters(operation.path), ...queryParameters(operation), ...(revised ? [IF_MATCH] : [])],
    ...(body ? { requestBody: { required: true, content: { [type]: { schema: jsonSchema(body, 'input') } } } } : {}),
    responses: {
      [operation.status ?? 200]: success(operation),
      default: {
        description: 'A problem.',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  }
}

const IF_MATCH = {
  name: 'If-Match',
  in: 'header',
  description: 'The ETag that the change was made from: 412 when somebody has changed the same meanwhile.',
  schema: { type: 'string' },
}

function success({ answer, files, revised }: Operation): object {
  const headers = revised
    ? { ETag: { description: 'Revision of the settings.', schema: { type: 'string' } } }
    : undefined
  const content = answer
    ? { 'application/json': { schema: jsonSchema(answer, 'output') } }
    : Object.fromEntries((files ?? []).map((type) => [type, { schema: { type: 'string' } }]))
  return {
    description: answer || files ? 'Done.' : 'Done; there is nothing to say.',
    ...(headers && { headers }),
    ...(answer || files ? { content } : {}),
  }
}

function pathParameters(path: string): readonly object[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }))
}

function queryParameters({ query }: Operation): readonly object[] {
  if (!query) return []
  // What zod writes for an object is the JSON Schema of its properties.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const { properties = {}, required = [] } = jsonSchema(query, 'input') as {
    properties?: Record<string, object>
    required?: readonly string[]
  }
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }))
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): object {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' })
  return rest
}
