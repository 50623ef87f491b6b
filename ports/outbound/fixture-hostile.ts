// Ways to write an address that must not be reached, as they are seen in attacks: 200 and more, made from a few hosts and the
// notations that parsers have fallen for.

/** Special IPv4 addresses, one or more of each range. */
const innerV4 = [
  '127.0.0.1',
  '127.1.2.3',
  '10.0.0.1',
  '172.16.0.1',
  '172.31.255.254',
  '192.168.1.1',
  '169.254.169.254',
  '100.64.0.1',
  '100.100.100.200',
  '0.0.0.0',
];

const otherV4 = [
  '0.1.2.3',
  '192.0.0.192',
  '192.0.2.1',
  '192.88.99.1',
  '198.18.0.1',
  '198.19.255.254',
  '198.51.100.7',
  '203.0.113.9',
  '224.0.0.1',
  '239.255.255.250',
  '240.0.0.1',
  '255.255.255.255',
  '168.63.129.16',
  '192.31.196.1',
  '192.52.193.1',
  '192.175.48.1',
];

const bytes = (address: string): number[] => address.split('.').map(Number);
const whole = (address: string): number => bytes(address).reduce((sum, byte) => sum * 256 + byte, 0);
const hex = (value: number, width = 0): string => value.toString(16).padStart(width, '0');
const octal = (value: number, width = 0): string => value.toString(8).padStart(width, '0');
const groups = (address: string): string => {
  const [a = 0, b = 0, c = 0, d = 0] = bytes(address);
  return `${hex(a * 256 + b)}:${hex(c * 256 + d)}`;
};
const wide = (text: string): string =>
  text.replace(/[0-9]/g, (digit) => String.fromCodePoint(0xff10 + Number(digit)));
const circled = (text: string): string =>
  text.replace(/[1-9]/g, (digit) => String.fromCodePoint(0x2460 + Number(digit) - 1));

const notations: ((address: string) => string)[] = [
  (a) => a,
  (a) => `${a}.`,
  (a) => String(whole(a)),
  (a) => `0x${hex(whole(a), 8)}`,
  (a) => `0${octal(whole(a), 12)}`,
  (a) =>
    bytes(a)
      .map((byte) => `0x${hex(byte)}`)
      .join('.'),
  (a) =>
    bytes(a)
      .map((byte) => `0${octal(byte, 4)}`)
      .join('.'),
  (a) => `${bytes(a)[0]}.${whole(a) % 2 ** 24}`,
  (a) => `0x${hex(bytes(a)[0] ?? 0)}.${bytes(a)[1]}.0${octal(whole(a) % 65536)}`,
  (a) => wide(a),
  (a) => circled(a).replaceAll('.', '。'),
  (a) => a.replaceAll('.', '%2e'),
  (a) => `[::ffff:${a}]`,
  (a) => `[::ffff:${groups(a)}]`,
  (a) => `[::${groups(a)}]`,
  (a) => `[64:ff9b::${a}]`,
  (a) => `[64:ff9b:1::${groups(a)}]`,
  (a) => `[2002:${groups(a)}::1]`,
  (a) => `[2001:0:4136:e378:8000:63bf:${groups(a)}]`,
  (a) => `[::ffff:0:${a}]`,
  (a) => `[2a00:1450:4001::5efe:${a}]`,
];

const innerV6 = [
  '::',
  '::1',
  '0:0:0:0:0:0:0:1',
  '::2',
  '100::1',
  'fc00::1',
  'fd00:ec2::254',
  'fdff:ffff::1',
  'fe80::1',
  'febf::1',
  'fec0::1',
  'ff02::1',
  'ff0e::1',
  '2001:db8::1',
  '2001:2::1',
  '2001:10::1',
  '2001:20::1',
  '2001:30::1',
  '2001:1::1',
  '2001:4:112::1',
  '2620:4f:8000::1',
  '3fff::1',
  '3fff:fff::1',
  '5f00::1',
  '4000::1',
  'a000::1',
  '64:ff9b::7f00:1',
];

const names = [
  'localhost',
  'LOCALHOST',
  'localhost.',
  'a.localhost',
  'localhost.localdomain',
  'printer.local',
  'metadata.google.internal',
  'metadata',
  'intranet',
  'router.lan',
  'nas.home.arpa',
  'wiki.corp',
  'db.test',
  'ｌｏｃａｌｈｏｓｔ',
  'kubernetes.default.svc.cluster.local',
];

const shapes = [
  'file:///etc/passwd',
  'gopher://93.184.216.34/_x',
  'ftp://93.184.216.34/',
  'dict://93.184.216.34:11211/stat',
  'ws://93.184.216.34/',
  'data:text/html,x',
  'javascript:alert(1)',
  'blob:http://93.184.216.34/x',
  'http://user:secret@93.184.216.34/',
  'http://127.0.0.1@93.184.216.34/',
  'http://93.184.216.34%00@127.0.0.1/',
  'http://93.184.216.34:22/',
  'http://93.184.216.34:6379/',
  'https://93.184.216.34:8443/',
  'http://93.184.216.34:0/',
  'http://93.184.216.34:65536/',
  'http://[fe80::1%25eth0]/',
  'http://[::ffff:127.0.0.1%251]/',
  'http://127.0.0.1\\@93.184.216.34/',
  'http:\\\\127.0.0.1\\',
  'http:127.0.0.1/',
  'http:///127.0.0.1/',
  ' http://127.0.0.1/',
  'ht\ntp://127.0.0.1/',
  'http://127.0.0.1\t/',
  'http://0/',
  'http://0x0/',
  'http://127.1/',
  'http://127.0.1/',
  'http://0x7f.1/',
  'http://1.2.3.4.5/',
  'http://256.1.1.1/',
  'http://0x100000000/',
  'http://..../',
  'http://example.com../',
  'http:///',
  'http://',
  '//127.0.0.1/',
  '127.0.0.1',
  '',
  `http://93.184.216.34/${'a'.repeat(2048)}`,
];

const hosts = [
  ...innerV4.flatMap((address) => notations.map((write) => write(address))),
  ...otherV4.flatMap((address) => [address, String(whole(address)), `[::ffff:${address}]`]),
  ...innerV6.map((address) => `[${address}]`),
  ...names,
];

export const hostileUrls: string[] = [...new Set([...hosts.map((host) => `http://${host}/`), ...shapes])];

/** What a name server of an attacker may say of a public name. */
export const innerAddresses: string[] = [
  ...innerV4,
  ...otherV4,
  ...innerV6,
  ...innerV4.map((address) => `::ffff:${address}`),
];
