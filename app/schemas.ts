// `chatvui schemas`: the published JSON Schemas of the events, as files or as one object.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventSchemaFiles } from '../gateway/http/asyncapi.ts';
import { reasonOf } from '../ports/errors.ts';

export const schemasCommand = async ({ out }: { out?: string }): Promise<void> => {
  const files = eventSchemaFiles();
  if (out === undefined) {
    console.log(JSON.stringify(files, null, 2));
    return;
  }
  try {
    await mkdir(out, { recursive: true });
    for (const [name, schema] of Object.entries(files))
      await writeFile(join(out, name), `${JSON.stringify(schema, null, 2)}\n`);
    console.log(`${Object.keys(files).length} schemas are in ${out}`);
  } catch (error) {
    console.error(`The schemas were not written: ${reasonOf(error)}`);
    process.exitCode = 1;
  }
};
