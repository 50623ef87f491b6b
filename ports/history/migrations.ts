// The tables of history as an analyst finds them: real columns, real times, the names of the seed.
import type { Migration } from '../sql/migrate.ts';

export const historyMigrations: Migration[] = [
  {
    name: 'history-001',
    statements: (t) => [
      ...t.create({
        table: 'users',
        columns: `id ${t.id} NOT NULL PRIMARY KEY, username ${t.word(64)} NOT NULL,
          name_folded ${t.word(255)} NOT NULL, profile_pic_url ${t.word(2048)}, kind ${t.word(16)} NOT NULL,
          created_at ${t.time} NOT NULL, rev ${t.integer} NOT NULL, position ${t.integer} NOT NULL`,
        indexes: { users_by_name: 'username', users_by_folded: 'name_folded, id' },
      }),
      ...t.create({
        table: 'user_presence',
        columns: `user_id ${t.id} NOT NULL PRIMARY KEY, status ${t.word(16)} NOT NULL,
          last_online ${t.time} NOT NULL, position ${t.integer} NOT NULL`,
        indexes: { presence_by_status: 'status' },
      }),
      ...t.create({
        table: 'conversations',
        columns: `id ${t.id} NOT NULL PRIMARY KEY, is_group ${t.flag} NOT NULL, name ${t.word(255)},
          picture_url ${t.word(2048)}, history_visibility ${t.word(16)} NOT NULL, created_by ${t.id} NOT NULL,
          created_at ${t.time} NOT NULL, updated_at ${t.time} NOT NULL,
          rev ${t.integer} NOT NULL, position ${t.integer} NOT NULL`,
      }),
      ...t.create({
        table: 'conversation_users',
        columns: `conversation_id ${t.id} NOT NULL, user_id ${t.id} NOT NULL, is_admin ${t.flag} NOT NULL,
          active ${t.flag} NOT NULL, listing ${t.flag} NOT NULL, joined_at ${t.time} NOT NULL,
          joined_position ${t.integer} NOT NULL, left_position ${t.integer}, spans ${t.text} NOT NULL,
          rev ${t.integer} NOT NULL, position ${t.integer} NOT NULL`,
        clusteredBy: 'conversation_id, user_id',
        indexes: {
          members_of_user: 'user_id',
          members_in_order: 'conversation_id, listing, joined_position, user_id',
        },
      }),
      ...t.create({
        table: 'messages',
        columns: `conversation_id ${t.id} NOT NULL, position ${t.integer} NOT NULL, id ${t.id} NOT NULL UNIQUE,
          sender_id ${t.id} NOT NULL, content ${t.text} NOT NULL, attachments ${t.text} NOT NULL,
          mentions ${t.text} NOT NULL, reply_to ${t.id}, created_at ${t.time} NOT NULL, edited_at ${t.time},
          deleted_at ${t.time}, rev ${t.integer} NOT NULL, written ${t.integer} NOT NULL,
          changed ${t.integer} NOT NULL`,
        clusteredBy: 'conversation_id, position',
        indexes: { messages_by_change: 'conversation_id, changed' },
      }),
      ...t.create({
        table: 'mentions',
        columns: `conversation_id ${t.id} NOT NULL, user_id ${t.id} NOT NULL, position ${t.integer} NOT NULL,
          written ${t.integer} NOT NULL`,
        clusteredBy: 'conversation_id, user_id, position, written',
      }),
      ...t.create({
        table: 'reactions',
        columns: `conversation_id ${t.id} NOT NULL, message_id ${t.id} NOT NULL, user_id ${t.id} NOT NULL,
          emoji ${t.word(64)} NOT NULL, active ${t.flag} NOT NULL, reacted_at ${t.time} NOT NULL,
          rev ${t.integer} NOT NULL, position ${t.integer} NOT NULL`,
        clusteredBy: 'message_id, user_id, emoji',
      }),
      ...t.create({
        table: 'read_marks',
        columns: `conversation_id ${t.id} NOT NULL, user_id ${t.id} NOT NULL, position ${t.integer} NOT NULL,
          read_at ${t.time} NOT NULL, changed ${t.integer} NOT NULL`,
        clusteredBy: 'conversation_id, user_id',
        indexes: { marks_by_change: 'conversation_id, changed' },
      }),
      ...t.create({
        table: 'conversation_activity',
        columns: `conversation_id ${t.id} NOT NULL PRIMARY KEY, changed ${t.integer} NOT NULL,
          active_at ${t.time} NOT NULL, member_count ${t.integer} NOT NULL`,
      }),
      ...t.create({
        table: 'log_positions',
        columns: `topic ${t.word(100)} NOT NULL, partition_id ${t.integer} NOT NULL, epoch ${t.word(100)} NOT NULL,
          next_offset ${t.integer} NOT NULL, fence ${t.integer} NOT NULL, owner ${t.word(255)} NOT NULL`,
        clusteredBy: 'topic, partition_id',
      }),
      ...t.create({
        table: 'dead_letters',
        columns: `topic ${t.word(100)} NOT NULL, partition_id ${t.integer} NOT NULL,
          event_offset ${t.integer} NOT NULL, event_id ${t.word(64)}, reason ${t.text} NOT NULL`,
        clusteredBy: 'topic, partition_id, event_offset',
      }),
    ],
  },
  {
    // What was: each row is written once and stays, but for the texts of a message that is deleted.
    name: 'history-002',
    statements: (t) => [
      ...t.create({
        table: 'message_versions',
        columns: `message_id ${t.id} NOT NULL, rev ${t.integer} NOT NULL, conversation_id ${t.id} NOT NULL,
          content ${t.text} NOT NULL, attachments ${t.text} NOT NULL, mentions ${t.text} NOT NULL,
          since ${t.time} NOT NULL, written ${t.integer} NOT NULL`,
        clusteredBy: 'message_id, rev',
      }),
      ...t.create({
        table: 'reaction_versions',
        columns: `message_id ${t.id} NOT NULL, user_id ${t.id} NOT NULL, emoji ${t.word(64)} NOT NULL,
          rev ${t.integer} NOT NULL, conversation_id ${t.id} NOT NULL, active ${t.flag} NOT NULL,
          reacted_at ${t.time} NOT NULL, position ${t.integer} NOT NULL`,
        clusteredBy: 'message_id, user_id, emoji, rev',
      }),
      ...t.create({
        table: 'member_versions',
        columns: `conversation_id ${t.id} NOT NULL, user_id ${t.id} NOT NULL, rev ${t.integer} NOT NULL,
          is_admin ${t.flag} NOT NULL, active ${t.flag} NOT NULL, joined_at ${t.time} NOT NULL,
          joined_position ${t.integer} NOT NULL, since ${t.time} NOT NULL, position ${t.integer} NOT NULL`,
        clusteredBy: 'conversation_id, user_id, rev',
        indexes: { member_versions_by_place: 'conversation_id, position' },
      }),
      ...t.create({
        table: 'conversation_versions',
        columns: `conversation_id ${t.id} NOT NULL, rev ${t.integer} NOT NULL, name ${t.word(255)},
          picture_url ${t.word(2048)}, since ${t.time} NOT NULL, position ${t.integer} NOT NULL`,
        clusteredBy: 'conversation_id, rev',
      }),
      ...t.create({
        table: 'message_days',
        columns: `conversation_id ${t.id} NOT NULL, sent_on ${t.word(10)} NOT NULL,
          last_position ${t.integer} NOT NULL`,
        clusteredBy: 'conversation_id, sent_on',
      }),
    ],
  },
  {
    name: 'history-003-dead-letters',
    statements: (t) => [
      // A table of its own: columns cannot be added in a way that can be repeated.
      ...t.create({
        table: 'dead_letter_events',
        columns: `topic ${t.word(100)} NOT NULL, partition_id ${t.integer} NOT NULL,
          event_offset ${t.integer} NOT NULL, event_type ${t.word(64)}, event_at ${t.word(32)} NOT NULL`,
        clusteredBy: 'topic, partition_id, event_offset',
      }),
    ],
  },
  {
    name: 'history-004-pins',
    statements: (t) => [
      ...t.create({
        table: 'pins',
        columns: `message_id ${t.id} NOT NULL, conversation_id ${t.id} NOT NULL, user_id ${t.id} NOT NULL,
          active ${t.flag} NOT NULL, pinned_at ${t.time} NOT NULL, rev ${t.integer} NOT NULL,
          position ${t.integer} NOT NULL`,
        clusteredBy: 'message_id',
        indexes: { pins_of_conversation: 'conversation_id, active, position' },
      }),
    ],
  },
  {
    // How far people had read before they read on: when somebody has read a message is the first of these behind it.
    name: 'history-006-read-versions',
    statements: (t) => [
      ...t.create({
        table: 'read_versions',
        columns: `conversation_id ${t.id} NOT NULL, user_id ${t.id} NOT NULL, position ${t.integer} NOT NULL,
          read_at ${t.time} NOT NULL, changed ${t.integer} NOT NULL`,
        clusteredBy: 'conversation_id, user_id, position',
      }),
    ],
  },
  {
    name: 'history-007-previews',
    statements: (t) => [
      ...t.create({
        table: 'previews',
        columns: `message_id ${t.id} NOT NULL, id ${t.id} NOT NULL, conversation_id ${t.id} NOT NULL,
          sender_id ${t.id} NOT NULL, message_position ${t.integer} NOT NULL, url ${t.text} NOT NULL, site_name ${t.text} NOT NULL, title ${t.text} NOT NULL,
          description ${t.text} NOT NULL, image ${t.text}, image_id ${t.id}, active ${t.flag} NOT NULL, added_at ${t.time} NOT NULL,
          rev ${t.integer} NOT NULL, position ${t.integer} NOT NULL`,
        clusteredBy: 'message_id, id',
      }),
    ],
  },
  {
    name: 'history-005-media',
    statements: (t) => [
      ...t.create({
        table: 'message_media',
        columns: `media_id ${t.id} NOT NULL, message_id ${t.id} NOT NULL, conversation_id ${t.id} NOT NULL,
          position ${t.integer} NOT NULL`,
        clusteredBy: 'media_id, message_id',
      }),
    ],
  },
];
