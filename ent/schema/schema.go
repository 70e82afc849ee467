// Package schema is the data model: one file per entity. An Entry is anything published, of whatever kind, and has
// the lifecycle; a kind adds a one-to-one extension with the few columns and links that the write side queries or
// constrains. All other content is the entry's document, so a new content field needs no migration.
//
// Times are UTC in whole microseconds and come from the caller's clock; the database makes none.
package schema
