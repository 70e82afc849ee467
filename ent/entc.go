//go:build ignore

// Command entc writes package db from package schema: `task generate`.
package main

import (
	"log"

	"entgo.io/ent/entc"
	"entgo.io/ent/entc/gen"
)

func main() {
	err := entc.Generate("./schema", &gen.Config{
		Target:  "./db",
		Package: "github.com/comuneprato/service-catalogue/ent/db",
		Features: []gen.Feature{
			gen.FeatureLock,      // SELECT … FOR UPDATE, on PostgreSQL
			gen.FeatureExecQuery, // UPDATE … RETURNING and pg_notify in the transaction of the rows
			gen.FeatureUpsert,
			gen.FeatureModifier,
			gen.FeatureVersionedMigration, // Schema.NamedDiff, for internal/store/diff
		},
	})
	if err != nil {
		log.Fatalf("generating ent/db: %v", err)
	}
}
