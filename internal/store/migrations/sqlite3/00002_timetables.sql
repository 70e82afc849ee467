-- +goose Up
-- disable the enforcement of foreign-keys constraints
PRAGMA foreign_keys = off;
-- create "new_offices" table
CREATE TABLE `new_offices` (`id` uuid NOT NULL, `office_type` text NOT NULL DEFAULT (''), `entry_id` uuid NOT NULL, `parent_id` uuid NULL, `timetable_id` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `offices_entries_office` FOREIGN KEY (`entry_id`) REFERENCES `entries` (`id`) ON DELETE CASCADE, CONSTRAINT `offices_offices_children` FOREIGN KEY (`parent_id`) REFERENCES `offices` (`id`) ON DELETE SET NULL, CONSTRAINT `offices_timetables_timetable` FOREIGN KEY (`timetable_id`) REFERENCES `timetables` (`id`) ON DELETE SET NULL, CONSTRAINT `office_id_is_entry_id` CHECK (id = entry_id));
-- copy rows from old table "offices" to new temporary table "new_offices"
INSERT INTO `new_offices` (`id`, `office_type`, `entry_id`, `parent_id`) SELECT `id`, `office_type`, `entry_id`, `parent_id` FROM `offices`;
-- drop "offices" table after copying rows
DROP TABLE `offices`;
-- rename temporary table "new_offices" to "offices"
ALTER TABLE `new_offices` RENAME TO `offices`;
-- create index "offices_entry_id_key" to table: "offices"
CREATE UNIQUE INDEX `offices_entry_id_key` ON `offices` (`entry_id`);
-- create index "office_parent_id" to table: "offices"
CREATE INDEX `office_parent_id` ON `offices` (`parent_id`);
-- create index "office_timetable_id" to table: "offices"
CREATE INDEX `office_timetable_id` ON `offices` (`timetable_id`);
-- create "new_places" table
CREATE TABLE `new_places` (`id` uuid NOT NULL, `city` text NOT NULL DEFAULT (''), `district` text NOT NULL DEFAULT (''), `lat` real NULL, `lon` real NULL, `entry_id` uuid NOT NULL, `timetable_id` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `places_entries_place` FOREIGN KEY (`entry_id`) REFERENCES `entries` (`id`) ON DELETE CASCADE, CONSTRAINT `places_timetables_timetable` FOREIGN KEY (`timetable_id`) REFERENCES `timetables` (`id`) ON DELETE SET NULL, CONSTRAINT `place_id_is_entry_id` CHECK (id = entry_id));
-- copy rows from old table "places" to new temporary table "new_places"
INSERT INTO `new_places` (`id`, `city`, `district`, `lat`, `lon`, `entry_id`) SELECT `id`, `city`, `district`, `lat`, `lon`, `entry_id` FROM `places`;
-- drop "places" table after copying rows
DROP TABLE `places`;
-- rename temporary table "new_places" to "places"
ALTER TABLE `new_places` RENAME TO `places`;
-- create index "places_entry_id_key" to table: "places"
CREATE UNIQUE INDEX `places_entry_id_key` ON `places` (`entry_id`);
-- create index "place_timetable_id" to table: "places"
CREATE INDEX `place_timetable_id` ON `places` (`timetable_id`);
-- create "timetables" table
CREATE TABLE `timetables` (`id` uuid NOT NULL, `entry_id` uuid NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `timetables_entries_timetable` FOREIGN KEY (`entry_id`) REFERENCES `entries` (`id`) ON DELETE CASCADE, CONSTRAINT `timetable_id_is_entry_id` CHECK (id = entry_id));
-- create index "timetables_entry_id_key" to table: "timetables"
CREATE UNIQUE INDEX `timetables_entry_id_key` ON `timetables` (`entry_id`);
-- enable back the enforcement of foreign-keys constraints
PRAGMA foreign_keys = on;
