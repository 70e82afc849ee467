// Command diff writes the migration that leads from the files there are to the schema in ent/schema, for each
// dialect: `task migrate:diff NAME=add_colour`. It needs PostgreSQL's binaries, not a running server. Read what it
// wrote; statements for the data are added by hand.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"regexp"
	"text/template"

	"ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/sqltool"
	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	"entgo.io/ent/dialect/sql/schema"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	_ "modernc.org/sqlite"             // the driver "sqlite"

	"github.com/comuneprato/service-catalogue/ent/db"
	"github.com/comuneprato/service-catalogue/internal/store/pgcluster"
)

// root is where the migrations are, seen from the root of the repository.
const root = "internal/store/migrations"

func main() {
	if len(os.Args) != 2 || !regexp.MustCompile(`^[a-z][a-z0-9_]*$`).MatchString(os.Args[1]) {
		log.Fatal("usage: go run ./internal/store/diff NAME, with a name such as add_colour")
	}
	if err := run(context.Background(), os.Args[1]); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, name string) (err error) {
	if err := diff(ctx, name, dialect.SQLite, "sqlite", "file::memory:?_pragma=foreign_keys(1)"); err != nil {
		return err
	}
	cluster, err := pgcluster.Start(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, cluster.Stop()) }()
	return diff(ctx, name, dialect.Postgres, "pgx", cluster.URL("postgres"))
}

// diff replays the files of one dialect on an empty database and writes what is missing to a new one.
func diff(ctx context.Context, name, dialectName, driver, url string) error {
	path := filepath.Join(root, dialectName)
	dir, err := sqltool.NewGooseDir(path)
	if err != nil {
		return err
	}
	files, err := dir.Files()
	if err != nil {
		return err
	}
	// Atlas wants its checksums; they are made for this run only, since files are edited by hand and git guards them.
	sums, err := dir.Checksum()
	if err != nil {
		return err
	}
	if err := migrate.WriteSumFile(dir, sums); err != nil {
		return err
	}
	defer os.Remove(filepath.Join(path, migrate.HashFileName))
	// Numbers, unlike times, make two branches that both add a migration collide where it shows.
	number := fmt.Sprintf("%05d", len(files)+1)
	formatter, err := migrate.NewTemplateFormatter(
		template.Must(template.New("name").Parse(number+"_{{ .Name }}.sql")),
		template.Must(template.New("content").Parse("-- +goose Up\n{{ range .Changes }}{{ with .Comment }}-- {{ println . }}{{ end }}{{ printf \"%s;\\n\" .Cmd }}{{ end }}")),
	)
	if err != nil {
		return err
	}
	d, err := entsql.Open(driver, url)
	if err != nil {
		return err
	}
	defer d.Close()
	d.DB().SetMaxOpenConns(1) // each connection to memory would be a database of its own
	client := db.NewClient(db.Driver(entsql.OpenDB(dialectName, d.DB())))
	err = client.Schema.NamedDiff(ctx, name,
		schema.WithDir(dir), schema.WithFormatter(formatter), schema.WithMigrationMode(schema.ModeReplay),
		schema.WithDialect(dialectName), schema.WithDropColumn(true), schema.WithDropIndex(true), schema.WithErrNoPlan(true))
	if errors.Is(err, migrate.ErrNoPlan) {
		log.Printf("%s: the migrations already lead to the schema", dialectName)
		return nil
	}
	if err != nil {
		return fmt.Errorf("%s: %w", dialectName, err)
	}
	log.Printf("wrote %s", filepath.Join(path, number+"_"+name+".sql")) //nolint:gosec // the name is the developer's
	return nil
}
