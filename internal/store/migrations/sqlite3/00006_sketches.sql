-- +goose Up
-- create "sketches" table
CREATE TABLE `sketches` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `pointer` text NOT NULL, `band` integer NOT NULL, `entry_id` uuid NOT NULL, CONSTRAINT `sketches_entries_entry` FOREIGN KEY (`entry_id`) REFERENCES `entries` (`id`) ON DELETE CASCADE);
-- create index "sketch_band" to table: "sketches"
CREATE INDEX `sketch_band` ON `sketches` (`band`);
-- create index "sketch_entry_id" to table: "sketches"
CREATE INDEX `sketch_entry_id` ON `sketches` (`entry_id`);
