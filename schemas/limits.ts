// Every number that bounds what a person may send. One place, so that validation, documents and client agree.

export const limits = {
  frameBytesMax: 64 * 1024,
  bodyBytesMax: 256 * 1024,
  contentLengthMax: 16_000,
  nameLengthMax: 100,
  usernameLengthMin: 1,
  usernameLengthMax: 64,
  passwordLengthMin: 8,
  passwordLengthMax: 256,
  emojiLengthMax: 32,
  statusTextLengthMax: 100,
  attachmentsMax: 10,
  mediaLinksMax: 100,
  /** At the same time in one conversation. */
  pinsMax: 100,
  mentionsMax: 50,
  membersPerChangeMax: 1000,
  membersShownMax: 100,
  versionsShownMax: 50,
  /** In larger conversations nobody is told what has reached whom: it would be a signal for each of them and message. */
  deliveredMembersMax: 20,
  watchedUsersMax: 500,
  /** What a person keeps for themselves, in all kinds together. */
  personalItemsMax: 5000,
  /** So many removals at least are remembered; who asks from before those gets everything. */
  personalRemovalsKept: 1000,
  botsPerPersonMax: 20,
  tokensPerBotMax: 20,
  /** In one conversation, and of one bot. */
  hooksMax: 20,
  pageSizeMax: 100,
  pageSizeDefault: 50,
  keywordsMax: 50,
  keywordLengthMax: 64,
  /** Devices of one person that are told by push. */
  subscriptionsMax: 16,
  /** In larger groups only what names somebody is told, unless they asked for all of it. */
  toldGroupMembersMax: 50,
  searchTextLengthMax: 200,
  searchQueryLengthMax: 1000,
  searchTermsMax: 32,
  /** A page of hits names its conversations again and again: of large groups only the first. */
  searchHitMembersMax: 10,
} as const;
