package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/importing"
	"github.com/comuneprato/service-catalogue/internal/lang"
	"github.com/comuneprato/service-catalogue/internal/logging"
	"github.com/comuneprato/service-catalogue/internal/publishing"
)

type validateCommand struct {
	Database string   `help:"Look references up in this database; without it they are not checked." placeholder:"FILE|URL"`
	Kind     string   `help:"Kind of the documents; without it the files hold rows as import reads them." enum:",${kinds}" default:""`
	Level    string   `help:"What to check for." enum:"draft,publish,portal" default:"publish"`
	Files    []string `arg:"" help:"JSON documents, or NDJSON rows; - is standard input." placeholder:"FILE"`
}

// Run checks documents and prints what it finds. It fails if any is not good enough for the level.
func (c *validateCommand) Run(ctx context.Context, io streams) (err error) {
	check := func(_ context.Context, kind catalogue.Kind, level catalogue.Level, document []byte) (catalogue.Findings, error) {
		doc, findings, err := catalogue.Decode(kind, document)
		if err == nil {
			catalogue.Check(doc, level, &findings)
			findings.Sort()
		}
		return findings, err
	}
	if c.Database != "" {
		database := databaseFlag{c.Database}
		if err := database.exists(); err != nil {
			return err
		}
		s, err := database.open(ctx, logging.New(slog.LevelWarn, io.err), false)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, s.Close()) }()
		pub := publishing.New(s, catalogue.SystemClock)
		check = func(ctx context.Context, kind catalogue.Kind, level catalogue.Level, document []byte) (catalogue.Findings, error) {
			_, findings, err := pub.Validate(ctx, catalogue.Ref{Kind: kind}, level, document)
			return findings, err
		}
	}
	bad := 0
	for _, name := range c.Files {
		err := c.documents(name, io.in, func(place string, kind catalogue.Kind, document []byte, err error) error {
			var findings catalogue.Findings
			if err == nil {
				findings, err = check(ctx, kind, catalogue.Level(c.Level), document)
				if err != nil && !errors.Is(err, catalogue.ErrMalformed) {
					return err // the database's
				}
			}
			if err != nil {
				bad++
				printFault(io.out, place, err)
				return nil
			}
			if findings.HasErrors() {
				bad++
			}
			for _, f := range findings.In(lang.English) {
				printFinding(io.out, place, f)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	if bad > 0 {
		fmt.Fprintf(io.out, "%d documents are not good enough for level %s\n", bad, c.Level)
		return errSaid
	}
	return nil
}

// documents tells the documents of a file, and of rows what is wrong with one.
func (c *validateCommand) documents(name string, standard io.Reader, tell func(place string, kind catalogue.Kind, document []byte, err error) error) error {
	input, err := openInput(name, standard)
	if err != nil {
		return err
	}
	defer input.Close()
	if c.Kind != "" {
		document, err := io.ReadAll(input)
		if err != nil {
			return err
		}
		return tell(name, catalogue.Kind(c.Kind), document, nil)
	}
	rows, err := importing.Open(importing.NDJSON, input, importing.Options{})
	for err == nil {
		var row importing.Row
		row, err = rows.Next()
		var bad *importing.RowError
		if err == nil || errors.As(err, &bad) {
			err = tell(fmt.Sprintf("%s:%d", name, row.Number), row.Kind, row.Document, errors.Unwrap(err))
		}
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

func openInput(name string, standard io.Reader) (io.ReadCloser, error) {
	if name == "-" {
		return io.NopCloser(standard), nil
	}
	return os.Open(name)
}
