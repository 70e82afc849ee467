package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/term"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/identity"
	"github.com/comuneprato/service-catalogue/internal/importing"
	"github.com/comuneprato/service-catalogue/internal/lang"
	"github.com/comuneprato/service-catalogue/internal/logging"
	"github.com/comuneprato/service-catalogue/internal/publishing"
)

type importCommand struct {
	databaseFlag
	CreatePublishers bool   `help:"Make the publishers that the rows name and the database lacks."`
	Note             string `help:"What changed, for the history of entries whose row has no note; without it, import of and the name of the file." placeholder:"TEXT"`
	File             string `arg:"" help:"NDJSON file; - is standard input. Each line is {publisher, kind, key, document, publish, note}." placeholder:"FILE"`
}

// Run stores the rows one by one and reports those that were refused. It fails if any was.
func (c *importCommand) Run(ctx context.Context, all *commands, io streams) (err error) {
	input, err := openInput(c.File, io.in)
	if err != nil {
		return err
	}
	defer input.Close()
	s, err := c.open(ctx, logging.New(all.LogLevel, io.err), false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	progress := newProgress(io.err)
	count := map[publishing.Outcome]int{}
	pub := publishing.New(s, catalogue.SystemClock)
	options := publishing.ImportOptions{Actor: actor, Note: cmp.Or(c.Note, "import of "+filepath.Base(c.File))}
	if c.CreatePublishers {
		publishers := identity.NewPublishers(s, catalogue.SystemClock)
		options.Publisher = func(ctx context.Context, key string) error {
			_, err := publishers.Create(ctx, actor, identity.NewPublisher{Key: key, Name: key, Policy: catalogue.PolicySelf})
			return err
		}
	}
	err = pub.Import(ctx, input, options, func(r publishing.RowReport) {
		count[r.Outcome]++
		progress.step()
		if r.Err != nil {
			progress.clear()
			printRefusal(io.out, r)
		}
	})
	progress.clear()
	fmt.Fprintf(io.out, "created %d, updated %d, unchanged %d, refused %d\n", count[publishing.RowCreated],
		count[publishing.RowUpdated], count[publishing.RowUnchanged], count[publishing.RowRefused])
	if err == nil && count[publishing.RowRefused] > 0 {
		return errSaid
	}
	return err
}

// printRefusal says what is wrong with a row, a line for each finding.
func printRefusal(out io.Writer, r publishing.RowReport) {
	place := fmt.Sprintf("line %d", r.Line)
	if r.Ref == (catalogue.Ref{}) {
		printFault(out, place, r.Err)
		return
	}
	place += fmt.Sprintf(": %s %s", r.Ref.Kind, r.Ref)
	if errors.Is(r.Err, catalogue.ErrNotFound) {
		fmt.Fprintf(out, "%s: there is no publisher %q: make it with `catalogue publishers create`, or import with --create-publishers\n", place, r.Ref.Publisher)
		return
	}
	printFault(out, place, r.Err)
}

// printFault says why something was refused, a line for each error among the findings.
func printFault(out io.Writer, place string, err error) {
	var malformed *catalogue.MalformedError
	var invalid *catalogue.InvalidError
	switch {
	case errors.As(err, &malformed):
		fmt.Fprintf(out, "%s: %s\n", place, lang.Message(lang.English, malformed.Rule, malformed.Offset))
	case errors.As(err, &invalid):
		for _, f := range invalid.Findings.In(lang.English) {
			if f.Severity == string(catalogue.SeverityError) {
				printFinding(out, place, f)
			}
		}
	default:
		fmt.Fprintf(out, "%s: %v\n", place, err)
	}
}

func printFinding(out io.Writer, place string, f catalogue.FindingView) {
	fmt.Fprintf(out, "%s: %s: %s: %s Expected: %s\n", place, f.Severity, f.Pointer, f.Message, f.Expected)
}

func openInput(name string, standard io.Reader) (io.ReadCloser, error) {
	if name == "-" {
		return io.NopCloser(standard), nil
	}
	return os.Open(name)
}

// progress counts on a terminal, and is silent elsewhere.
type progress struct {
	out  io.Writer
	n    int
	next time.Time
}

func newProgress(w io.Writer) *progress {
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		return &progress{out: w}
	}
	return &progress{}
}

func (p *progress) step() {
	if p.n++; p.out != nil && time.Now().After(p.next) {
		fmt.Fprintf(p.out, "\r%d rows", p.n)
		p.next = time.Now().Add(100 * time.Millisecond)
	}
}

func (p *progress) clear() {
	if p.out != nil {
		fmt.Fprint(p.out, "\r\033[K")
	}
}

type exportCommand struct {
	databaseFlag
	Output string `help:"File to write; - is standard output." default:"-" short:"o" placeholder:"FILE"`
}

// Run writes every entry that is not archived, in an order in which import reads it back.
func (c *exportCommand) Run(ctx context.Context, all *commands, io streams) (err error) {
	if err := c.exists(); err != nil {
		return err
	}
	s, err := c.open(ctx, logging.New(all.LogLevel, io.err), false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	pub := publishing.New(s, catalogue.SystemClock)
	if c.Output == "-" {
		return pub.Export(ctx, io.out)
	}
	f, err := os.Create(c.Output)
	if err != nil {
		return err
	}
	return errors.Join(pub.Export(ctx, f), f.Close())
}

type validateCommand struct {
	Database string   `help:"Look references up in this database; without it they are not checked." placeholder:"FILE|URL"`
	Kind     string   `help:"Kind of the documents; without it the files hold rows as import reads them." enum:",service,office,place,publisher" default:""`
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
