// The servers that the product runs on, in the versions that it is tested with. docker-compose.yml names the same.

export const versions = {
  kafka: '4.3.0',
  elasticsearch: '8.19.21',
  mariadb: '10.11',
  redis: '7.0',
  versitygw: '1.8.0',
} as const;

export type ServiceName = 'kafka' | 'mysql' | 'redis' | 'elasticsearch' | 's3' | 'smtp' | 'push';
export const serviceNames: ServiceName[] = ['kafka', 'mysql', 'redis', 'elasticsearch', 's3', 'smtp', 'push'];
