// Every way in which a rule says no. A refusal is a value that is returned, never thrown; `code` is stable for ever.

export const refusals = {
  invalid_input: { status: 400, title: 'The input is not valid' },
  bad_frame: { status: 400, title: 'The frame is not valid' },
  not_signed_in: { status: 401, title: 'Sign in first' },
  wrong_credentials: { status: 401, title: 'Wrong name or password' },
  token_expired: { status: 401, title: 'The token has expired' },
  not_allowed: { status: 403, title: 'You may not do this' },
  wrong_password: { status: 403, title: 'The password is wrong' },
  not_an_admin: { status: 403, title: 'Only an admin may do this' },
  missing_scope: { status: 403, title: 'The token may not do this' },
  hook_disabled: { status: 403, title: 'The webhook is disabled' },
  bot_cannot: { status: 422, title: 'The bot cannot do this here' },
  not_the_sender: { status: 403, title: 'Only the sender may do this' },
  foreign_origin: { status: 403, title: 'This origin is not allowed' },
  not_found: { status: 404, title: 'Not found' },
  not_a_member: { status: 404, title: 'Not found' },
  username_taken: { status: 409, title: 'This user name is taken' },
  conflict: { status: 409, title: 'Somebody else changed it first' },
  too_many: { status: 409, title: 'There are as many as there may be' },
  deleted: { status: 409, title: 'The message has been deleted' },
  no_channel: { status: 409, title: 'There is no such way to tell you' },
  last_admin: { status: 409, title: 'There must be an admin' },
  direct_is_fixed: { status: 409, title: 'A one-to-one conversation cannot be changed' },
  upload_incomplete: { status: 409, title: 'Parts of the file are missing' },
  payload_too_large: { status: 413, title: 'Too large' },
  unsupported_media_type: { status: 415, title: 'Send JSON' },
  unknown_member: { status: 422, title: 'Some of these people do not exist' },
  unknown_message: { status: 422, title: 'That message is not in this conversation' },
  unknown_media: { status: 422, title: 'There is no such file, or it is not yours to use' },
  unsupported_media: { status: 422, title: 'This kind of file is not taken' },
  broken_image: { status: 422, title: 'The picture cannot be read' },
  empty_file: { status: 422, title: 'The file is empty' },
  rate_limited: { status: 429, title: 'Too many requests' },
  quota_exceeded: { status: 429, title: 'There is no room left for files' },
  internal_error: { status: 500, title: 'Something went wrong on our side' },
  unavailable: { status: 503, title: 'Temporarily unavailable' },
  search_unavailable: { status: 503, title: 'Search is away at the moment' },
  overloaded: { status: 503, title: 'Too busy at the moment' },
} as const satisfies Record<string, { status: number; title: string }>;

export type RefusalCode = keyof typeof refusals;

export type Refusal = {
  kind: 'refusal';
  code: RefusalCode;
  /** What happened and what to do next, for a person. */
  detail: string;
  errors?: { path: string; message: string }[];
};

export const refuse = (code: RefusalCode, detail: string): Refusal => ({ kind: 'refusal', code, detail });

export const isRefusal = (value: unknown): value is Refusal =>
  typeof value === 'object' && value !== null && (value as { kind?: unknown }).kind === 'refusal';
