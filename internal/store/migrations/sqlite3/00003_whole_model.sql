-- +goose Up
-- disable the enforcement of foreign-keys constraints
PRAGMA foreign_keys = off;
-- create "new_entries" table
CREATE TABLE `new_entries` (`id` uuid NOT NULL, `kind` text NOT NULL, `key` text NOT NULL, `slug` text NOT NULL, `publication` text NOT NULL DEFAULT ('never'), `draft` text NOT NULL DEFAULT ('editing'), `document` text NOT NULL, `outdated` text NOT NULL DEFAULT (''), `draft_version` integer NOT NULL DEFAULT (1), `published_revision` integer NOT NULL DEFAULT (0), `published_at` datetime NULL, `changed_at` datetime NULL, `review_by` date NULL, `withdraw_reason` text NOT NULL DEFAULT (''), `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `publisher_id` integer NOT NULL, `replaced_by` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `entries_publishers_publisher` FOREIGN KEY (`publisher_id`) REFERENCES `publishers` (`id`) ON DELETE RESTRICT, CONSTRAINT `entries_entries_replaces` FOREIGN KEY (`replaced_by`) REFERENCES `entries` (`id`) ON DELETE SET NULL);
-- copy rows from old table "entries" to new temporary table "new_entries"
INSERT INTO `new_entries` (`id`, `kind`, `key`, `slug`, `publication`, `draft`, `document`, `draft_version`, `published_revision`, `published_at`, `changed_at`, `review_by`, `withdraw_reason`, `created_at`, `updated_at`, `publisher_id`, `replaced_by`) SELECT `id`, `kind`, `key`, `slug`, `publication`, `draft`, `document`, `draft_version`, `published_revision`, `published_at`, `changed_at`, `review_by`, `withdraw_reason`, `created_at`, `updated_at`, `publisher_id`, `replaced_by` FROM `entries`;
-- drop "entries" table after copying rows
DROP TABLE `entries`;
-- rename temporary table "new_entries" to "entries"
ALTER TABLE `new_entries` RENAME TO `entries`;
-- create index "entry_publisher_id_kind_key" to table: "entries"
CREATE UNIQUE INDEX `entry_publisher_id_kind_key` ON `entries` (`publisher_id`, `kind`, `key`);
-- create index "entry_kind_slug" to table: "entries"
CREATE UNIQUE INDEX `entry_kind_slug` ON `entries` (`kind`, `slug`);
-- create index "entry_publication" to table: "entries"
CREATE INDEX `entry_publication` ON `entries` (`publication`);
-- create index "entry_replaced_by" to table: "entries"
CREATE INDEX `entry_replaced_by` ON `entries` (`replaced_by`);
-- create "new_revisions" table
CREATE TABLE `new_revisions` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `number` integer NOT NULL, `document` text NOT NULL, `outdated` text NOT NULL DEFAULT (''), `slug` text NOT NULL, `hash` text NOT NULL, `note` text NOT NULL DEFAULT (''), `author` text NOT NULL, `published_at` datetime NOT NULL, `entry_id` uuid NOT NULL, CONSTRAINT `revisions_entries_entry` FOREIGN KEY (`entry_id`) REFERENCES `entries` (`id`) ON DELETE CASCADE);
-- copy rows from old table "revisions" to new temporary table "new_revisions"
INSERT INTO `new_revisions` (`id`, `number`, `document`, `slug`, `hash`, `note`, `author`, `published_at`, `entry_id`) SELECT `id`, `number`, `document`, `slug`, `hash`, `note`, `author`, `published_at`, `entry_id` FROM `revisions`;
-- drop "revisions" table after copying rows
DROP TABLE `revisions`;
-- rename temporary table "new_revisions" to "revisions"
ALTER TABLE `new_revisions` RENAME TO `revisions`;
-- create index "revision_entry_id_number" to table: "revisions"
CREATE UNIQUE INDEX `revision_entry_id_number` ON `revisions` (`entry_id`, `number`);
-- create "channels" table
CREATE TABLE `channels` (`id` uuid NOT NULL, `channel_type` text NOT NULL DEFAULT (''), `timetable_id` uuid NULL, `entry_id` uuid NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `channels_timetables_timetable` FOREIGN KEY (`timetable_id`) REFERENCES `timetables` (`id`) ON DELETE SET NULL, CONSTRAINT `channels_entries_channel` FOREIGN KEY (`entry_id`) REFERENCES `entries` (`id`) ON DELETE CASCADE, CONSTRAINT `channel_id_is_entry_id` CHECK (id = entry_id));
-- create index "channels_entry_id_key" to table: "channels"
CREATE UNIQUE INDEX `channels_entry_id_key` ON `channels` (`entry_id`);
-- create index "channel_timetable_id" to table: "channels"
CREATE INDEX `channel_timetable_id` ON `channels` (`timetable_id`);
-- create "holiday_sets" table
CREATE TABLE `holiday_sets` (`id` uuid NOT NULL, `entry_id` uuid NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `holiday_sets_entries_holiday_set` FOREIGN KEY (`entry_id`) REFERENCES `entries` (`id`) ON DELETE CASCADE, CONSTRAINT `holiday_set_id_is_entry_id` CHECK (id = entry_id));
-- create index "holiday_sets_entry_id_key" to table: "holiday_sets"
CREATE UNIQUE INDEX `holiday_sets_entry_id_key` ON `holiday_sets` (`entry_id`);
-- create "procedures" table
CREATE TABLE `procedures` (`id` uuid NOT NULL, `entry_id` uuid NOT NULL, `responsible_office_id` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `procedures_entries_procedure` FOREIGN KEY (`entry_id`) REFERENCES `entries` (`id`) ON DELETE CASCADE, CONSTRAINT `procedures_offices_responsible_office` FOREIGN KEY (`responsible_office_id`) REFERENCES `offices` (`id`) ON DELETE SET NULL, CONSTRAINT `procedure_id_is_entry_id` CHECK (id = entry_id));
-- create index "procedures_entry_id_key" to table: "procedures"
CREATE UNIQUE INDEX `procedures_entry_id_key` ON `procedures` (`entry_id`);
-- create index "procedure_responsible_office_id" to table: "procedures"
CREATE INDEX `procedure_responsible_office_id` ON `procedures` (`responsible_office_id`);
-- create "service_channels" table
CREATE TABLE `service_channels` (`service_id` uuid NOT NULL, `channel_id` uuid NOT NULL, PRIMARY KEY (`service_id`, `channel_id`), CONSTRAINT `service_channels_service_id` FOREIGN KEY (`service_id`) REFERENCES `services` (`id`) ON DELETE CASCADE, CONSTRAINT `service_channels_channel_id` FOREIGN KEY (`channel_id`) REFERENCES `channels` (`id`) ON DELETE CASCADE);
-- create "service_procedures" table
CREATE TABLE `service_procedures` (`service_id` uuid NOT NULL, `procedure_id` uuid NOT NULL, PRIMARY KEY (`service_id`, `procedure_id`), CONSTRAINT `service_procedures_service_id` FOREIGN KEY (`service_id`) REFERENCES `services` (`id`) ON DELETE CASCADE, CONSTRAINT `service_procedures_procedure_id` FOREIGN KEY (`procedure_id`) REFERENCES `procedures` (`id`) ON DELETE CASCADE);
-- create "timetable_holiday_sets" table
CREATE TABLE `timetable_holiday_sets` (`timetable_id` uuid NOT NULL, `holiday_set_id` uuid NOT NULL, PRIMARY KEY (`timetable_id`, `holiday_set_id`), CONSTRAINT `timetable_holiday_sets_timetable_id` FOREIGN KEY (`timetable_id`) REFERENCES `timetables` (`id`) ON DELETE CASCADE, CONSTRAINT `timetable_holiday_sets_holiday_set_id` FOREIGN KEY (`holiday_set_id`) REFERENCES `holiday_sets` (`id`) ON DELETE CASCADE);
-- enable back the enforcement of foreign-keys constraints
PRAGMA foreign_keys = on;
