-- +goose Up
-- add column "outdated" to table: "entries"
ALTER TABLE `entries` ADD COLUMN `outdated` text NOT NULL DEFAULT '';
-- add column "outdated" to table: "revisions"
ALTER TABLE `revisions` ADD COLUMN `outdated` text NOT NULL DEFAULT '';
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
