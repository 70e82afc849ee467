// Package backup copies an SQLite database to a file while others write to it, and such a file to where a database is to
// be. A file that has the name that was asked for is whole, was looked over, and is on the disk; until then it has another
// one. PostgreSQL has tools of its own.
package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"

	"github.com/comuneprato/service-catalogue/internal/audit"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/newfile"
	"github.com/comuneprato/service-catalogue/internal/store"
)

// Report is what was found in a file.
type Report struct {
	Bytes   int64
	Pending []string     // migrations that its schema lacks
	Audit   audit.Report // nothing where the schema lacks some. Faults were copied as they are: they are not the copy's
}

// beside are the ends of the names of files that SQLite has beside a database, and one of the database itself.
var beside = []string{"", "-wal", "-shm", "-journal"}

// Make copies a database to a file, and tells how many pages of all were copied. It refuses to overwrite a file. The audit is
// judged by the clock.
func Make(ctx context.Context, s *store.Store, file string, clock catalogue.Clock, tell func(done, all int)) (Report, error) {
	if err := free(file); err != nil {
		return Report{}, err
	}
	return become(file, func(temporary *os.File) (Report, error) {
		if err := s.CopyTo(ctx, temporary.Name(), tell); err != nil {
			return Report{}, store.Wrap(err, "copying the database")
		}
		return examine(ctx, temporary.Name(), clock, func(*store.Store) error { return nil })
	})
}

// Restore copies the file that Make wrote to where the database is to be, and brings its schema up to date there. It tells how
// many bytes of all were copied. It refuses a file that is no whole database, and to overwrite anything of a database.
func Restore(ctx context.Context, file, database string, clock catalogue.Clock, tell func(done, all int)) (Report, error) {
	for _, end := range beside {
		if err := free(database + end); err != nil {
			return Report{}, err
		}
	}
	source, err := os.Open(file)
	if err != nil {
		return Report{}, err
	}
	defer source.Close()
	info, err := source.Stat()
	if err != nil {
		return Report{}, err
	}
	if info, err := os.Stat(file + "-wal"); err == nil && info.Size() > 0 {
		return Report{}, fmt.Errorf("%s-wal has writes that are not in %s: that is a database that was in use, and no backup of it", file, file)
	}
	return become(database, func(temporary *os.File) (Report, error) {
		if _, err := io.Copy(temporary, &reader{ctx: ctx, source: source, all: int(info.Size()), tell: tell}); err != nil {
			return Report{}, err
		}
		report, err := examine(ctx, temporary.Name(), clock, func(s *store.Store) error {
			_, err := s.Migrate(ctx)
			return err
		})
		if err != nil {
			return report, fmt.Errorf("%s is no good backup: %w", file, err)
		}
		return report, nil
	})
}

// free refuses a file that is there.
func free(file string) error {
	_, err := os.Lstat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	default:
		return fmt.Errorf("%s is there already and is never overwritten: move it away, or give another name", file)
	}
}

// become gives a name to a temporary file, in the same directory, when write has made it what it should be. Otherwise nothing
// of it stays.
func become(file string, write func(temporary *os.File) (Report, error)) (report Report, err error) {
	var name string
	err = newfile.Write(file, 0o600, func(temporary *os.File) (err error) {
		name = temporary.Name()
		if report, err = write(temporary); err != nil {
			return err
		}
		return free(file) // somebody may have been faster
	})
	if err != nil && name != "" {
		for _, end := range beside {
			os.Remove(name + end)
		}
	}
	return report, err
}

// examine opens a copy, prepares it, and looks it over.
func examine(ctx context.Context, path string, clock catalogue.Clock, prepare func(*store.Store) error) (report Report, err error) {
	s, err := store.Open(ctx, path, slog.New(slog.DiscardHandler))
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := s.CheckWhole(ctx); err != nil {
		return report, err
	}
	if version, err := s.Version(ctx); err != nil {
		return report, err
	} else if version == 0 {
		return report, errors.New("it holds no catalogue")
	}
	if err := prepare(s); err != nil {
		return report, err
	}
	if report.Pending, err = s.Pending(ctx); err != nil {
		return report, err
	}
	if len(report.Pending) == 0 {
		if report.Audit, err = audit.NewLog(s, clock).Verify(ctx, nil); err != nil {
			return report, err
		}
	}
	info, err := os.Stat(path)
	if err != nil {
		return report, err
	}
	report.Bytes = info.Size()
	return report, nil
}

// reader ends with its context, and tells how much of all it has read.
type reader struct {
	ctx       context.Context
	source    io.Reader
	done, all int
	tell      func(done, all int)
}

func (r *reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := r.source.Read(p)
	r.done += n
	r.tell(r.done, r.all)
	return n, err
}
