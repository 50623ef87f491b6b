// The same tables a second time beside the first, under names of their own: where a projection is made anew while the
// live one goes on.
import {
  type IdentifierNode,
  type Kysely,
  type KyselyPlugin,
  OperationNodeTransformer,
  type PluginTransformQueryArgs,
  type PluginTransformResultArgs,
  type QueryResult,
  type RootOperationNode,
  type SchemableIdentifierNode,
  type UnknownRow,
} from 'kysely';
import type { Database } from './database.ts';
import type { Dialect, Table } from './dialect.ts';

class Renaming extends OperationNodeTransformer {
  readonly #renamed: (table: string) => string;

  constructor(renamed: (table: string) => string) {
    super();
    this.#renamed = renamed;
  }

  protected override transformSchemableIdentifier(node: SchemableIdentifierNode): SchemableIdentifierNode {
    const identifier: IdentifierNode = {
      kind: 'IdentifierNode',
      name: this.#renamed(node.identifier.name),
    };
    return { ...node, identifier };
  }
}

class RenamingPlugin implements KyselyPlugin {
  readonly #renaming: Renaming;

  constructor(renamed: (table: string) => string) {
    this.#renaming = new Renaming(renamed);
  }

  transformQuery({ node }: PluginTransformQueryArgs): RootOperationNode {
    return this.#renaming.transformNode(node);
  }

  async transformResult({ result }: PluginTransformResultArgs): Promise<QueryResult<UnknownRow>> {
    return result;
  }
}

/**
 * `tables`: those that exist twice; all others are the live ones. Statements written as text must name their tables by
 * `sql.table`. Closing it leaves the live database open.
 */
export const beside = <T>(
  db: Database<T>,
  tables: readonly string[],
  suffix: string,
): Database<T> & { nameOf(table: string): string } => {
  const known = new Set(tables);
  const nameOf = (table: string): string => (known.has(table) ? `${table}${suffix}` : table);
  const plugin = new RenamingPlugin(nameOf);
  const renamed = (kysely: Kysely<T>): Kysely<T> => kysely.withPlugin(plugin);
  return {
    read: renamed(db.read),
    write: renamed(db.write),
    dialect: dialectBeside(db.dialect, nameOf, suffix),
    close: async () => {},
    nameOf,
  };
};

const dialectBeside = (dialect: Dialect, nameOf: (table: string) => string, suffix: string): Dialect => {
  const moved = <B extends { table: string }>(bulk: B): B => ({ ...bulk, table: nameOf(bulk.table) });
  // Those that do not exist twice are there already.
  const create = ({ indexes = {}, ...table }: Table) =>
    nameOf(table.table) === table.table
      ? []
      : dialect.types.create({
          ...moved(table),
          // Names of indexes are shared by all tables of a SQLite file.
          indexes: Object.fromEntries(Object.entries(indexes).map(([name, by]) => [`${name}${suffix}`, by])),
        });
  return {
    ...dialect,
    types: { ...dialect.types, create },
    upsert: (upsert) => dialect.upsert(moved(upsert)),
    raise: (raise) => dialect.raise(moved(raise)),
    raiseWhere: (raise) => dialect.raiseWhere(moved(raise)),
    add: (add) => dialect.add(moved(add)),
    insertNew: (bulk) => dialect.insertNew(moved(bulk)),
  };
};
