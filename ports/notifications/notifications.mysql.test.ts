import { afterAll, beforeAll, describe } from 'vitest';
import { mysqlUrl, type OwnDatabase, ownDatabase } from '../sql/contract-mysql.ts';
import { notificationContract } from './contract.ts';
import { openMysqlNotifications } from './mysql.ts';

describe.skipIf(!mysqlUrl())('notifications in MySQL', () => {
  let database: OwnDatabase;
  beforeAll(async () => {
    database = await ownDatabase();
  });
  afterAll(() => database?.drop());

  const open = () => openMysqlNotifications({ url: database.url });
  notificationContract(open, open);
});
