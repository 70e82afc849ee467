// Command catalogue is the service catalogue of a city: `catalogue serve` answers over HTTP, the other commands work on
// its database. `catalogue --help` lists them.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // a static binary has no zones of the system's

	"github.com/alecthomas/kong"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	status := run(ctx, os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr})
	stop()
	os.Exit(status)
}

// streams are where a command reads and writes.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// errSaid is a failure whose reasons were printed already.
var errSaid = errors.New("failed")

// The exit statuses.
const (
	exitOK      = 0
	exitFailure = 1
	exitUsage   = 2
)

// run runs the command that the arguments name, and returns the exit status.
func run(ctx context.Context, args []string, io streams) int {
	exited := -1
	parser, err := newParser(kong.Writers(io.out, io.err), kong.Exit(func(status int) { exited = status }))
	if err != nil {
		panic(err) // the commands are badly declared
	}
	command, err := parser.Parse(args)
	switch {
	case exited >= 0: // help or version, which are printed while parsing
		return exited
	case err != nil:
		fmt.Fprintf(io.err, "catalogue: %v\nTry `catalogue --help`.\n", err)
		return exitUsage
	}
	command.BindTo(ctx, (*context.Context)(nil))
	command.Bind(io)
	switch err := command.Run(); {
	case err == nil:
		return exitOK
	case errors.Is(err, errSaid):
		return exitFailure
	default:
		fmt.Fprintf(io.err, "catalogue: %v\n", err)
		return exitFailure
	}
}
