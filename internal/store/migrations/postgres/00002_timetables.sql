-- +goose Up
-- create "timetables" table
CREATE TABLE "timetables" ("id" uuid NOT NULL, "entry_id" uuid NOT NULL, PRIMARY KEY ("id"), CONSTRAINT "timetables_entries_timetable" FOREIGN KEY ("entry_id") REFERENCES "entries" ("id") ON UPDATE NO ACTION ON DELETE CASCADE, CONSTRAINT "timetable_id_is_entry_id" CHECK (id = entry_id));
-- create index "timetables_entry_id_key" to table: "timetables"
CREATE UNIQUE INDEX "timetables_entry_id_key" ON "timetables" ("entry_id");
-- modify "offices" table
ALTER TABLE "offices" ADD COLUMN "timetable_id" uuid NULL, ADD CONSTRAINT "offices_timetables_timetable" FOREIGN KEY ("timetable_id") REFERENCES "timetables" ("id") ON UPDATE NO ACTION ON DELETE SET NULL;
-- create index "office_timetable_id" to table: "offices"
CREATE INDEX "office_timetable_id" ON "offices" ("timetable_id");
-- modify "places" table
ALTER TABLE "places" ADD COLUMN "timetable_id" uuid NULL, ADD CONSTRAINT "places_timetables_timetable" FOREIGN KEY ("timetable_id") REFERENCES "timetables" ("id") ON UPDATE NO ACTION ON DELETE SET NULL;
-- create index "place_timetable_id" to table: "places"
CREATE INDEX "place_timetable_id" ON "places" ("timetable_id");
